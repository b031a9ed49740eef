#pragma once
// The values given for a command's options, gathered from command line, environment and file,
// before and while they are written into the configuration. Thread-bound.

#include "app/cli.hpp"
#include "app/option.hpp"
#include "util/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

// Where a value comes from, weakest first.
enum class place { file, env, args };

struct given {
    place from;
    std::string label; // as a message names it: "--count", "VSTATS_SERVER_COUNT", "x.toml:3: count"
    std::vector<std::string> values;
};

class settings {
public:
    // `options` outlives this.
    settings(const option_list& options, std::map<std::string, given> values);

    bool is_on(std::string_view flag) const; // given, and true
    bool is_given(std::string_view name) const;
    // Writes everything into the configuration; the first value that is refused ends it.
    util::result<void> apply() const;
    // Every setting a file may hold, as it now is; secrets are not shown.
    std::string as_toml() const;

private:
    const option_list* options_;
    std::map<std::string, given, std::less<>> values_; // by option name
};

// `known` are the options of all commands: a file may serve several of them.
util::result<settings> read_settings(
    std::string_view command,
    const std::vector<std::string>& args,
    const environment& env,
    const option_list& options,
    const option_list& known
);

std::string
help_text(std::string_view command, std::string_view summary, const option_list& options);

} // namespace vsim::app
