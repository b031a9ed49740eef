#pragma once
// What this machine lets one process do: open files and local ports. Thread-safe.

#include "util/error.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vsim::net {

struct fd_limit {
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
};

// Raises the soft limit of open files to the hard one, as far as the system lets us, and returns
// what holds now.
util::result<fd_limit> raise_fd_limit();

struct port_range {
    std::uint32_t first = 32768; // the kernel's default
    std::uint32_t last = 60999;
    std::uint32_t count() const { return last - first + 1; }
    bool operator==(const port_range&) const = default;
};

// The local ports of connections: net.ipv4.ip_local_port_range, or its default where that cannot be
// read. Its count is what one source address has for connections to one destination, used or not:
// ports of connections just closed (TIME_WAIT), of other programs, and reserved ones
// (ip_local_reserved_ports) are among them.
port_range local_ports();

// "32768\t60999".
std::optional<port_range> parse_port_range(const std::string& text);

// A few ports in which the kernel is to look for the `n`th connection's; whole = `all` when there
// are only few. Consecutive n take turns through the range.
port_range share_of_ports(const port_range& all, std::uint32_t n);

} // namespace vsim::net
