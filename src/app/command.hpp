#pragma once
// The commands, once their configuration is complete. Each returns how the process ends; each has
// said on stderr why, when that is not 0. From the main thread, one a process.

#include "app/config.hpp"
#include "app/exit_code.hpp"

#include <string>

namespace vsim::app {

// `command_line` without secrets, for the summary.
exit_code execute(const run_config& c, const std::string& command_line);
exit_code execute(const serve_config& c);
exit_code execute(const register_config& c);
exit_code execute(const cleanup_config& c);

// One line "vstats-sim: ..." on stderr.
void complain(const std::string& message);

} // namespace vsim::app
