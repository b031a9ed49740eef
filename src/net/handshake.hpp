#pragma once
// Internal to net: the opening handshake (RFC 6455 4). Reentrant.

#include "net/stream.hpp"

#include <string>
#include <string_view>

namespace vsim::net {

// A fresh Sec-WebSocket-Key: 16 random bytes in base64.
std::string make_websocket_key();
// The Sec-WebSocket-Accept that answers `key`.
std::string websocket_accept(std::string_view key);

// The client's side, over a connected stream that outlives the call. Returns the bytes that came
// after the answer. Errors: protocol (names what came instead of a 101), closed, timeout.
task_result<std::string>
request_upgrade(stream& s, std::string peer, std::string target, util::steady_time deadline);

} // namespace vsim::net
