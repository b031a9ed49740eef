#include "net/frame_writer.hpp"

#include "util/random.hpp"

#include <cassert>
#include <cstring>
#include <random>
#include <sys/random.h>

namespace vsim::net {

namespace {

// Four words at a time: the compiler turns it into vector instructions without -O3.
using wide = std::uint64_t __attribute__((vector_size(32)));

std::uint64_t seed_from_os() {
    std::uint64_t seed = 0;
    if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
        std::random_device device;
        seed = (std::uint64_t{device()} << 32) | device();
    }
    return seed;
}

void put_big_endian(char* to, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
        to[i] = static_cast<char>(value >> (8 * (size - 1 - i)));
    }
}

} // namespace

frame_header make_header(
    opcode op, bool is_final, std::uint64_t payload_size, const std::optional<mask_key>& mask
) {
    frame_header h;
    const auto mask_bit = mask ? 0x80U : 0U;
    h.bytes[0] = static_cast<char>((is_final ? 0x80U : 0U) | static_cast<unsigned>(op));
    if (payload_size < 126) {
        h.bytes[1] = static_cast<char>(mask_bit | static_cast<unsigned>(payload_size));
        h.size = 2;
    } else if (payload_size <= 0xffff) {
        h.bytes[1] = static_cast<char>(mask_bit | 126U);
        put_big_endian(&h.bytes[2], payload_size, 2);
        h.size = 4;
    } else {
        h.bytes[1] = static_cast<char>(mask_bit | 127U);
        put_big_endian(&h.bytes[2], payload_size, 8);
        h.size = 10;
    }
    if (mask) {
        std::memcpy(&h.bytes[h.size], mask->data(), mask->size());
        h.size = static_cast<std::uint8_t>(h.size + mask->size());
    }
    return h;
}

void mask_into(char* to, std::string_view from, const mask_key& key, std::uint64_t offset) {
    std::array<char, sizeof(wide)> pattern;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        pattern[i] = key[(offset + i) % key.size()];
    }
    wide mask;
    std::memcpy(&mask, pattern.data(), sizeof mask);
    std::size_t i = 0;
    for (; i + sizeof(wide) <= from.size(); i += sizeof(wide)) {
        wide block;
        std::memcpy(&block, from.data() + i, sizeof block);
        block ^= mask;
        std::memcpy(to + i, &block, sizeof block);
    }
    for (std::size_t j = 0; i < from.size(); ++i, ++j) {
        to[i] = static_cast<char>(from[i] ^ pattern[j]);
    }
}

mask_key fresh_mask_key() {
    thread_local std::uint64_t state = seed_from_os();
    const auto bits = util::mix(state);
    state += 0x9e3779b97f4a7c15ULL; // SplitMix64's step
    mask_key key;
    std::memcpy(key.data(), &bits, key.size());
    return key;
}

std::string_view
control_frame_into(control_buffer& to, opcode op, std::string_view payload, endpoint_role role) {
    assert(is_control(op) && payload.size() <= 125);
    std::optional<mask_key> key;
    if (role == endpoint_role::client) {
        key = fresh_mask_key();
    }
    const auto header = make_header(op, true, payload.size(), key);
    header.view().copy(to.data(), header.size);
    if (key) {
        mask_into(to.data() + header.size, payload, *key, 0);
    } else {
        payload.copy(to.data() + header.size, payload.size());
    }
    return {to.data(), header.size + payload.size()};
}

std::string control_frame(opcode op, std::string_view payload, endpoint_role role) {
    control_buffer buffer;
    return std::string{control_frame_into(buffer, op, payload, role)};
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    if (code == close_code::none_given) {
        return {};
    }
    std::string payload(2, '\0');
    put_big_endian(payload.data(), code, 2);
    payload += reason;
    return payload;
}

} // namespace vsim::net
