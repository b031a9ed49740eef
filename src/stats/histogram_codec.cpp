#include "stats/histogram_codec.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>

namespace vsim::stats {
namespace {

// Its low bits say which encoding of counts follows: ZigZag LEB128.
constexpr std::uint32_t cookie = 0x1c849303 | 0x10;
constexpr std::uint32_t digits = 4;
constexpr std::uint64_t lowest_ns = 1;
constexpr std::uint64_t highest_ns = 7'200'000'000'000; // our last bucket ends a little above 1 h
constexpr std::size_t head_size = 40;

// The layout for four digits: values below 32768 have a bucket each; every further power of two is
// split into 16384.
constexpr unsigned half_bits = 14;
constexpr std::uint64_t half_count = 1U << half_bits;

constexpr std::uint64_t index_of(std::uint64_t ns) {
    const auto width = static_cast<unsigned>(std::bit_width(ns | (2 * half_count - 1)));
    const auto shift = width - half_bits - 1;
    return shift * half_count + (ns >> shift);
}

constexpr std::uint64_t low_of(std::uint64_t index) {
    if (index < 2 * half_count) {
        return index;
    }
    return (index % half_count + half_count) << (index / half_count - 1);
}

static_assert(low_of(index_of(32'768)) == 32'768 && index_of(32'768) == 32'768);
static_assert(low_of(index_of(2'048'000'000)) <= 2'048'000'000);

template <class Integer>
void put(std::string& to, Integer value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
        to += static_cast<char>(value >> shift & 0xff);
    }
}

template <class Integer>
Integer get(std::string_view from, std::size_t at) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) {
        value = static_cast<Integer>(value << 8 | static_cast<unsigned char>(from[at + i]));
    }
    return value;
}

// ZigZag, then seven bits a byte, low ones first; the ninth byte has eight.
void put_signed(std::string& to, std::int64_t value) {
    auto rest = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    for (int i = 0; i < 8 && rest > 0x7f; ++i, rest >>= 7) {
        to += static_cast<char>(rest | 0x80);
    }
    to += static_cast<char>(rest);
}

std::optional<std::int64_t> take_signed(std::string_view& from) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 9; ++i) {
        if (from.empty()) {
            return std::nullopt;
        }
        const auto byte = static_cast<unsigned char>(from.front());
        from.remove_prefix(1);
        value |= std::uint64_t{i < 8 ? byte & 0x7fU : byte} << 7 * i;
        if (byte < 0x80) {
            break;
        }
    }
    return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

} // namespace

std::string encode(const histogram& h) {
    std::string counts;
    std::uint64_t next = 0; // index
    for (const auto& b : h.buckets()) {
        const auto index = index_of(b.high_us * 1000);
        if (const auto zeros = index - next; zeros > 0) {
            put_signed(counts, zeros == 1 ? 0 : -static_cast<std::int64_t>(zeros));
        }
        put_signed(counts, static_cast<std::int64_t>(b.count));
        next = index + 1;
    }
    std::string out;
    put(out, cookie);
    put(out, static_cast<std::uint32_t>(counts.size()));
    put(out, std::uint32_t{0}); // offset of the first index
    put(out, digits);
    put(out, lowest_ns);
    put(out, highest_ns);
    put(out, std::bit_cast<std::uint64_t>(1.0)); // what a unit is worth
    return out + counts;
}

std::optional<histogram> decode(std::string_view bytes) {
    if (bytes.size() < head_size || get<std::uint32_t>(bytes, 0) != cookie ||
        get<std::uint32_t>(bytes, 4) != bytes.size() - head_size ||
        get<std::uint32_t>(bytes, 8) != 0 || get<std::uint32_t>(bytes, 12) != digits ||
        get<std::uint64_t>(bytes, 16) != lowest_ns || get<std::uint64_t>(bytes, 24) != highest_ns) {
        return std::nullopt;
    }
    histogram h;
    std::uint64_t index = 0;
    for (auto rest = bytes.substr(head_size); !rest.empty();) {
        const auto value = take_signed(rest);
        if (!value || *value == std::numeric_limits<std::int64_t>::min()) {
            return std::nullopt;
        }
        const auto step = static_cast<std::uint64_t>(*value < 0 ? -*value : 1);
        if (step > index_of(highest_ns) - index + 1) {
            return std::nullopt;
        }
        if (*value > 0) {
            // The upper end of ours lies in theirs, and so does, to the microsecond, theirs in
            // ours.
            const auto us = (low_of(index) + 500) / 1000;
            h.record(
                std::chrono::microseconds{static_cast<std::int64_t>(us)},
                static_cast<std::uint64_t>(*value)
            );
        }
        index += step;
    }
    return h;
}

} // namespace vsim::stats
