// vstats-sim: from the command line to a command and its exit code.

#include "app/cli.hpp"
#include "app/command.hpp"
#include "app/log.hpp"
#include "app/words.hpp"

#include <cstdio>
#include <exception>
#include <type_traits>
#include <variant>

namespace {

using namespace vsim::app;

int show(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!written || std::fflush(stdout) != 0) {
        complain("cannot write to standard output");
        return to_int(exit_code::failed);
    }
    return to_int(exit_code::ok);
}

template <class Config>
const console_config& console_of(const Config& c) {
    if constexpr (std::is_same_v<Config, capacity_config>) {
        return c.run.console;
    } else {
        return c.console;
    }
}

int start(int argc, char** argv) {
    const auto parsed = parse_command_line({argv + 1, argv + argc}, process_environment());
    hide_secrets(argc, argv);
    if (!parsed) {
        complain(parsed.error().message);
        return to_int(exit_code::usage);
    }
    return std::visit(
        [&](const auto& what) {
            using command = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<command, show_text>) {
                return show(what.text);
            } else {
                set_up_log(console_of(what));
                if constexpr (requires { execute(what, parsed->text); }) {
                    return to_int(execute(what, parsed->text));
                } else {
                    return to_int(execute(what));
                }
            }
        },
        parsed->what
    );
}

} // namespace

int main(int argc, char** argv) {
    try {
        return start(argc, argv);
    } catch (const std::exception& e) {
        complain(std::string{"bug: "} + e.what());
        return to_int(exit_code::failed);
    }
}
