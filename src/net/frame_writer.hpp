#pragma once
// Writes RFC 6455 frames: headers and masking. Sans I/O. Reentrant; fresh_mask_key() is
// thread-safe.

#include "net/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::net {

// The four bytes of a mask in the order of the wire.
using mask_key = std::array<char, 4>;

struct frame_header {
    std::array<char, 14> bytes;
    std::uint8_t size = 0;

    std::string_view view() const { return {bytes.data(), size}; }
};
frame_header make_header(
    opcode op, bool is_final, std::uint64_t payload_size, const std::optional<mask_key>& mask
);

// Masks (or unmasks) `from`, which stands at `offset` of its payload, into `to`. Both may be the
// same memory, otherwise they do not overlap.
void mask_into(char* to, std::string_view from, const mask_key& key, std::uint64_t offset);

// Not to be guessed from earlier keys by the peer: 32 bits of a SplitMix64 sequence whose 64-bit
// state each thread draws from the OS. That is not a cipher; 5.3 wants one against scripts in a
// browser that choose the payload, and none choose ours.
mask_key fresh_mask_key();

// A whole control frame; the payload has at most 125 bytes. A client's is masked. The first is a
// view of `to`.
using control_buffer = std::array<char, 2 + sizeof(mask_key) + 125>;
std::string_view
control_frame_into(control_buffer& to, opcode op, std::string_view payload, endpoint_role role);
std::string control_frame(opcode op, std::string_view payload, endpoint_role role);
// The payload of a close frame; code none_given makes an empty one.
std::string close_payload(std::uint16_t code, std::string_view reason);

} // namespace vsim::net
