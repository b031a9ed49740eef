#pragma once
// --watch-pid: its value, and the watch it asks for. Reentrant.

#include "app/config.hpp"
#include "app/option.hpp"
#include "report/watched.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace vsim::app {

binding pid_into(std::optional<std::uint32_t>& target);

// Watched from now on; null if nothing is to be. errc::bad_input for a process that cannot be
// watched.
util::result<std::unique_ptr<report::process_watch>> watch_server(const run_config& c);

} // namespace vsim::app
