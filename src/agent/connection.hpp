#pragma once
// From nothing to an authenticated connection, and what is said about it when it fails. Reentrant.

#include "agent/identity.hpp"
#include "agent/surroundings.hpp"
#include "net/websocket.hpp"
#include "proto/server_msg.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace vsim::agent {

inline constexpr util::seconds connect_deadline{10};
inline constexpr util::seconds auth_deadline{10}; // the real agent's, protocol.md 5.2
inline constexpr util::seconds close_deadline{10};
inline constexpr std::uint16_t normal_closure = 1000; // RFC 6455, 7.4.1

// The deadline that is so far away.
inline util::steady_time in(util::nanoseconds d) {
    return std::chrono::steady_clock::now() + d;
}

struct joined_server {
    net::websocket link;
    proto::auth_reply welcome;
};
// Dials from the agent's source address, authenticates, takes the times of both. A failure has been
// counted as "connect.<errc>" or "auth.<errc>" (auth.refused when the server said no); the error is
// for decisions only. The stop of `until` cuts it short with errc::cancelled, which is not counted.
net::task_result<joined_server>
join_server(const surroundings& s, const identity& who, net::ticker& until);

// Everything sent before has been read and handled by the server when this succeeds: it answers a
// ping in its turn. Messages that come meanwhile are counted, pongs of other pings handed to
// `on_pong` (may be empty).
net::task_result<>
fence(net::websocket& link, const surroundings& s, std::function<void(std::string_view)> on_pong);

// Counts "<stage>.<errc>" with the agent's name in the example; cancellation is no error.
void count_error(
    const surroundings& s, const identity& who, std::string_view stage, const util::error& e
);

// Counts a message of the server. Unknown and undecodable ones are never fatal: none.
std::optional<proto::server_message> read_message(const surroundings& s, std::string_view text);

} // namespace vsim::agent
