#pragma once
// The five granularities and the two kinds of bucket on the wire (protocol.md 2.6, 3). Width,
// retention and index = unix / width are defined here and nowhere else. Reentrant.

#include "util/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::proto {

enum class granularity : std::uint8_t { sec5, min2, min15, hourly, daily };

struct granularity_facts {
    granularity id;
    std::string_view name;          // on the wire
    std::chrono::seconds width;     // of one bucket
    std::chrono::seconds retention; // kept by agent and server alike (protocol.md 3.3)
};

// Finest first; the order of the real agent's messages.
inline constexpr std::array<granularity_facts, 5> granularities{{
    {granularity::sec5, "5sec", std::chrono::seconds{5}, std::chrono::hours{2}},
    {granularity::min2, "2min", std::chrono::minutes{2}, std::chrono::hours{26}},
    {granularity::min15, "15min", std::chrono::minutes{15}, std::chrono::hours{8 * 24}},
    {granularity::hourly, "hourly", std::chrono::hours{1}, std::chrono::hours{32 * 24}},
    {granularity::daily, "daily", std::chrono::hours{24}, std::chrono::hours{400 * 24}},
}};
inline constexpr std::size_t granularity_count = granularities.size();

constexpr std::size_t position(granularity g) {
    return static_cast<std::size_t>(g);
}
constexpr const granularity_facts& facts(granularity g) {
    return granularities[position(g)];
}
constexpr std::string_view name(granularity g) {
    return facts(g).name;
}
constexpr std::int64_t width_seconds(granularity g) {
    return facts(g).width.count();
}
std::optional<granularity> granularity_from_name(std::string_view name);

// Index of the bucket that holds `t`: floor(unix / width), also before 1970.
constexpr std::int64_t bucket_index(granularity g, std::int64_t unix_seconds) {
    const auto width = width_seconds(g);
    const auto quotient = unix_seconds / width;
    return unix_seconds % width < 0 ? quotient - 1 : quotient;
}
inline std::int64_t bucket_index(granularity g, util::wall_time t) {
    return bucket_index(g, util::unix_seconds(t));
}
constexpr std::int64_t bucket_start(granularity g, std::int64_t index) {
    return index * width_seconds(g); // unix seconds
}

// Sums are over samples; percentages 0..100; counters are the largest cumulative value seen, bytes.
struct metric_bucket {
    std::int64_t bucket = 0; // index, never a time stamp
    double cpu_sum = 0;
    double cpu_max = 0;
    double memory_sum = 0;
    double memory_max = 0;
    double disk_sum = 0;
    std::uint64_t net_rx = 0;
    std::uint64_t net_tx = 0;
    double ping_sum = 0; // ms, over every answered ping of every target
    std::int64_t ping_count = 0;
    std::int64_t sample_count = 0;
    bool operator==(const metric_bucket&) const = default;
};

// One target's pings in one bucket; latencies in ms over answered pings.
struct ping_bucket {
    std::int64_t bucket = 0;
    std::string target_name; // the key: two targets of one name are one series to the server
    std::string target_host;
    double latency_sum = 0;
    double latency_max = 0;
    std::int64_t latency_count = 0;
    std::int64_t ok_count = 0;
    std::int64_t fail_count = 0;
    bool operator==(const ping_bucket&) const = default;
};

} // namespace vsim::proto
