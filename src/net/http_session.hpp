#pragma once
// Internal to net: one server connection's HTTP phase. Thread-bound.

#include "net/listener.hpp"
#include "net/stream.hpp"

#include <optional>
#include <string>

namespace vsim::net {

// A WebSocket upgrade whose 101 has been sent, and what came after its head.
struct upgraded {
    http_request request;
    std::string early;

    upgraded(http_request r, std::string e) : request{std::move(r)}, early{std::move(e)} {}
};

// Serves requests until the connection ends (nullopt) or turns into a WebSocket.
task<std::optional<upgraded>> serve_http(stream& s, const listener_handlers& handlers);

} // namespace vsim::net
