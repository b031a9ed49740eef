#pragma once
// Stateless randomness: a value is a pure function of (seed, stream, n), so any value can be drawn
// again, in any order, on any thread. Reentrant.

#include <cstdint>
#include <string_view>

namespace vsim::util {

// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that passes BigCrush as a counter
// hash.
constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

// Inlined, so that a stream's part of it is a constant: left to itself, the compiler makes calls of
// it once a program has many.
[[gnu::always_inline]] constexpr std::uint64_t
hash(std::uint64_t seed, std::uint64_t stream, std::uint64_t n) {
    return mix(mix(seed ^ mix(stream)) ^ n);
}

// A stream number from a name, at compile time: stream("cpu.noise").
constexpr std::uint64_t stream(std::string_view name) {
    std::uint64_t h = 0xcbf29ce484222325ULL; // FNV-1a
    for (const char c : name) {
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return h;
}

// [0, 1) with 53 bits.
constexpr double unit(std::uint64_t h) {
    return static_cast<double>(h >> 11) * 0x1.0p-53;
}

// [0, n), n > 0. Bias below 2^-32 for the small n used here.
constexpr std::uint64_t below(std::uint64_t h, std::uint64_t n) {
    return ((h >> 32) * n) >> 32;
}

} // namespace vsim::util
