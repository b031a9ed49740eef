#pragma once
// What the program says while it works: spdlog on stderr, as text or as one JSON object a line.
// Results go to stdout and never through here. Thread-safe once set up.

#include "app/config.hpp"

#include <functional>
#include <string_view>

namespace vsim::app {

// What is known about an output that may be a terminal.
struct output_traits {
    bool is_terminal = false;
    bool no_color_env = false; // NO_COLOR is set and not empty
    bool dumb = false;         // TERM=dumb

    static output_traits of(int fd);
};
bool wants_color(const console_config& c, const output_traits& out);

// Takes one finished line, newline included.
using line_writer = std::function<void(std::string_view)>;

// Makes spdlog::default_logger() what `c` asks for. Levels: warnings only with quiet, info, debug
// with -v, trace with -vv.
void set_up_log(const console_config& c, bool color, line_writer write);
void set_up_log(const console_config& c); // to stderr, colour as it fits

// Where lines go from now on: a live display draws itself again below them. Empty = stderr.
void redirect_log(line_writer write);

} // namespace vsim::app
