#pragma once
// From what was typed, the environment and a configuration file to the configuration of one
// command, checked once and for all. Precedence: flag > environment > file > default. Every refusal
// is one message that names where the value came from, the value and what is accepted; main()
// prints it and exits with 2. Reentrant.

#include "app/cmd_verify.hpp"
#include "app/config.hpp"
#include "util/error.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vsim::app {

// Asked for text (--help, --version, --print-config): print it on stdout, exit 0.
struct show_text {
    std::string text;
};

using invocation = std::variant<
    show_text,
    run_config,
    capacity_config,
    serve_config,
    register_config,
    cleanup_config,
    verify_config>;

struct command_line {
    invocation what;
    std::string text; // as typed, without secrets: for the summary
};

// The value of an environment variable; an empty one counts as absent.
using environment = std::function<std::optional<std::string>(std::string_view)>;
environment process_environment();

// `args` without the program's name. Reads the file of --config and nothing else.
util::result<command_line>
parse_command_line(const std::vector<std::string>& args, const environment& env);

} // namespace vsim::app
