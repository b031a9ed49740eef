#pragma once
// RFC 6455 framing, the part both directions share. Sans I/O. Reentrant.

#include <cstdint>
#include <string_view>

namespace vsim::net {

enum class opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xa,
};

constexpr bool is_control(opcode o) {
    return (static_cast<std::uint8_t>(o) & 0x8) != 0;
}

// A client masks what it sends, a server must not (5.1).
enum class endpoint_role { client, server };

namespace close_code {
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t none_given = 1005; // never on the wire
constexpr std::uint16_t bad_payload = 1007;
constexpr std::uint16_t too_big = 1009;
} // namespace close_code

// May a close frame carry this code (7.4)?
constexpr bool is_valid_on_wire(std::uint16_t code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

bool is_utf8(std::string_view text);

} // namespace vsim::net
