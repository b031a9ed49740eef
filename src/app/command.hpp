#pragma once
// The commands, once their configuration is complete. Each returns how the process ends; each has
// said on stderr why, when that is not 0. From the main thread, one a process.

#include "app/config.hpp"
#include "app/exit_code.hpp"
#include "report/run_result.hpp"
#include "util/error.hpp"

#include <string>

namespace vsim::app {

class run_outputs;

// `command_line` without secrets, for the summary.
exit_code execute(const run_config& c, const std::string& command_line);
exit_code execute(const capacity_config& c, const std::string& command_line);
exit_code execute(const serve_config& c);
exit_code execute(const register_config& c);
exit_code execute(const cleanup_config& c);

// Writes every output, and on the console what `render` makes of the result. The exit code is the
// result's, or worse when something could not be written.
exit_code publish(
    const console_config& c,
    const report::run_result& result,
    run_outputs& outputs,
    std::string (*render)(const report::run_result&, bool color)
);

// What cannot be: one line on stderr, and the exit code that fits.
exit_code refuse(const util::error& e);

// One line "vstats-sim: ..." on stderr.
void complain(const std::string& message);

} // namespace vsim::app
