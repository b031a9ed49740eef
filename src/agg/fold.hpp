#pragma once
// Folding in time: reading → bucket, fine bucket → coarse bucket. All values are integers
// (hundredths), so a fold is exact and gives the same bucket in any order and any grouping.
// Reentrant.

#include "proto/bucket.hpp"
#include "util/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vsim::agg {

inline constexpr std::size_t max_targets = 8; // ping targets of one agent

// One ping of one target in one sample.
struct ping_reading {
    std::uint32_t latency = 0; // 0.01 ms; meaningful only if `answered`
    bool answered = false;     // a latency exists
    bool ok = false;           // status "ok" (implies answered here)
    bool operator==(const ping_reading&) const = default;
};

// The part of a sample that history keeps. `weight` > 1 stands for that many identical samples:
// sums and counts are multiplied, maxima and counters are not.
struct reading {
    std::int64_t unix_seconds = 0;
    std::uint32_t weight = 1;
    std::uint32_t cpu = 0, memory = 0, disk = 0; // 0.01 %
    std::uint64_t net_rx = 0, net_tx = 0;        // cumulative bytes
    std::uint32_t target_count = 0;
    std::array<ping_reading, max_targets> pings{};
    bool operator==(const reading&) const = default;
};

struct ping_sums {
    std::uint64_t latency_sum = 0; // 0.01 ms
    std::uint32_t latency_max = 0; // 0.01 ms
    std::uint32_t latency_count = 0, ok_count = 0, fail_count = 0;
    bool operator==(const ping_sums&) const = default;
};

struct bucket {
    std::int64_t index = -1; // of its granularity; -1 = holds nothing yet
    std::uint64_t cpu_sum = 0, memory_sum = 0, disk_sum = 0; // 0.01 %
    std::uint32_t cpu_max = 0, memory_max = 0;               // 0.01 %
    std::uint64_t net_rx = 0, net_tx = 0;
    std::uint64_t ping_sum = 0; // 0.01 ms, over all targets
    std::uint32_t ping_count = 0, sample_count = 0;
    std::array<ping_sums, max_targets> pings{};
    bool operator==(const bucket&) const = default;
};

// Precondition: `into` is empty or of the reading's index.
void fold(bucket& into, proto::granularity g, const reading& r);

// Precondition: `into` is empty or contains `fine` in time.
void fold(bucket& into, proto::granularity into_g, const bucket& fine, proto::granularity fine_g);

struct target_name {
    std::string name, host;
};

// On the wire: the metrics row, and a row for each target that was pinged at all.
proto::metric_bucket to_wire(const bucket& b);
proto::ping_bucket to_wire(const bucket& b, std::size_t target, const target_name& t);

} // namespace vsim::agg
