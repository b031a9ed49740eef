#pragma once
// Whether connections can start from the local addresses a user names, tried before anything is
// sent. Blocks (DNS); not for a loop's thread. Thread-safe.

#include "util/address_ranges.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

namespace vsim::net {

// Of a longer list, so many addresses spread over it are tried.
inline constexpr std::uint64_t most_tries = 1024;

// Binds to each address and asks the kernel for its route to the first address of `host` that is of
// the same family; nothing is sent. bad_input: the address is not this machine's, cannot reach that
// one, or `host` has none of its family; unreachable: `host` has no address at all. A machine that
// lets programs bind to foreign addresses (net.ipv4.ip_nonlocal_bind) is believed. Precondition:
// sources are not empty.
util::result<void> try_sources(const util::address_ranges& sources, const std::string& host);

} // namespace vsim::net
