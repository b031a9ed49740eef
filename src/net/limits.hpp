#pragma once
// What this machine lets one process do: open files and local ports. Thread-safe.

#include "util/error.hpp"

#include <cstdint>
#include <string>

namespace vsim::net {

struct fd_limit {
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
};

// Raises the soft limit of open files to the hard one, as far as the system lets us, and returns
// what holds now.
util::result<fd_limit> raise_fd_limit();

// How many local ports one source address has for connections to one destination, used or not:
// net.ipv4.ip_local_port_range; its default, 28232, where that cannot be read. Ports of connections
// just closed (TIME_WAIT), of other programs, and reserved ones (ip_local_reserved_ports) are among
// them.
std::uint32_t ports_per_source();

// The count in "32768\t60999"; 0 if it is no such text.
std::uint32_t ports_in_range(const std::string& text);

} // namespace vsim::net
