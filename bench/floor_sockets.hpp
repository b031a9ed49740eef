#pragma once
// Blocking sockets that have become authenticated agents, by hand: no framework, no buffers.
// Every failure ends the program with a message: a floor measured on fewer sockets is none.
// Reentrant.

#include "agent/identity.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <string>

namespace vsim::bench {

[[noreturn]] void die(const std::string& why);

// http://127.x.y.z:port, nothing else: this program floods whom it is given.
sockaddr_in loopback_address(const std::string& url);

// The descriptor, connected, upgraded and authenticated. It stays open; nobody reads from it.
int join(const sockaddr_in& to, const agent::identity& who);

// One masked text frame.
std::string frame_of(const std::string& payload);

// Returns when the kernel has taken all of it.
void send_all(int fd, const std::string& bytes);

} // namespace vsim::bench
