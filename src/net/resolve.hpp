#pragma once
// Internal to net: names to addresses, with a short memory, so that ten thousand agents of one
// server ask once and not ten thousand times. Thread-safe.

#include "net/task.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <vector>

namespace vsim::net {

// An address literal resolves to itself at once. Errors: unreachable, timeout, cancelled; they name
// the host.
task_result<std::vector<asio::ip::address>>
resolve(asio::any_io_executor where, std::string host, util::steady_time deadline);

} // namespace vsim::net
