#pragma once
// Folding in time: reading → bucket, fine bucket → coarse bucket. All values are integers
// (hundredths), so a fold is exact and gives the same bucket in any order and any grouping.
// Reentrant.

#include "proto/bucket.hpp"
#include "util/clock.hpp"

#include <algorithm>
#include <array>
#include <cassert>
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
    bool ok = false;           // status "ok"; a machine's ping is ok if it is answered
    bool operator==(const ping_reading&) const = default;
};

// The part of a sample that history keeps. `weight` > 1 stands for that many identical samples:
// sums and counts are multiplied, maxima and counters are not. A target keeps its place: between
// readings of one machine, places may be added but never change their meaning.
struct reading {
    std::int64_t unix_seconds = 0;
    std::uint32_t weight = 1;
    std::uint32_t cpu = 0, memory = 0, disk = 0; // 0.01 %
    std::uint64_t net_rx = 0, net_tx = 0;        // cumulative bytes
    std::uint32_t target_count = 0;
    std::uint32_t pinged = 0; // a bit for each target: not all are pinged in every sample
    std::array<ping_reading, max_targets> pings{};
    bool operator==(const reading&) const = default;
};

// The sum of many values and the largest of them, in one word: `MaxBits` for the latter.
template <unsigned MaxBits>
class sum_and_max {
public:
    static constexpr unsigned sum_bits = 64 - MaxBits;
    static constexpr std::uint64_t largest_sum = (std::uint64_t{1} << sum_bits) - 1;
    static constexpr std::uint64_t largest_max = (std::uint64_t{1} << MaxBits) - 1;

    constexpr sum_and_max() = default;
    // Precondition: both are in range.
    constexpr sum_and_max(std::uint64_t sum, std::uint64_t max) : bits_{max << sum_bits | sum} {
        assert(sum <= largest_sum && max <= largest_max);
    }

    constexpr std::uint64_t sum() const { return bits_ & largest_sum; }
    constexpr std::uint32_t max() const { return static_cast<std::uint32_t>(bits_ >> sum_bits); }

    // Precondition: the sum stays in range.
    constexpr sum_and_max& operator+=(sum_and_max other) {
        assert(sum() + other.sum() <= largest_sum);
        // The word with the larger maximum is the larger word.
        bits_ = (sum() + other.sum()) | (std::max(bits_, other.bits_) & ~largest_sum);
        return *this;
    }
    bool operator==(const sum_and_max&) const = default;

private:
    std::uint64_t bits_ = 0;
};

// Per cent in 0.01 %: a maximum of at most 100 %, and the sum of 2.8e10 of them.
using percent_sums = sum_and_max<16>;
// Latencies in 0.01 ms: a maximum of at most 10.4 s, longer than a ping waits, and a sum that holds
// a day of samples 1 ms apart with a mean of two seconds.
using latency_sums = sum_and_max<20>;

// One target's pings in a bucket.
struct ping_sums {
    std::uint64_t latency_sum = 0; // 0.01 ms
    std::uint32_t latency_max = 0; // 0.01 ms
    std::uint32_t latency_count = 0, ok_count = 0, fail_count = 0;
    bool was_pinged() const { return ok_count + fail_count > 0; }
    bool operator==(const ping_sums&) const = default;
};

// Kept small, because every agent has five of them open; what follows from other fields is worked
// out when it is asked for. `target_count` is that of the reading that had the most.
struct bucket {
    std::int32_t index = -1; // of its granularity, in range for every wall_time; -1 = holds nothing
    std::uint32_t sample_count : 28 = 0; // a day of samples 1 ms apart is 86.4 million
    std::uint32_t target_count : 4 = 0;
    percent_sums cpu, memory;
    std::uint64_t disk_sum = 0; // 0.01 %
    std::uint64_t net_rx = 0, net_tx = 0;
    std::array<latency_sums, max_targets> latency;
    std::array<std::uint32_t, max_targets> answered{}, failed{};

    // Precondition: target < target_count.
    ping_sums pings(std::size_t target) const;
    // Over all targets.
    std::uint64_t ping_sum() const; // 0.01 ms
    std::uint64_t ping_count() const;
    bool operator==(const bucket&) const = default;
};

// Precondition: `into` is empty, or of the reading's index.
void fold(bucket& into, proto::granularity g, const reading& r);

// Precondition: `into` is empty, or contains `fine` in time.
void fold(bucket& into, proto::granularity into_g, const bucket& fine, proto::granularity fine_g);

struct target_name {
    std::string name, host;
};

// On the wire: the metrics row, and a row for each target that was pinged.
proto::metric_bucket to_wire(const bucket& b);
proto::ping_bucket to_wire(const bucket& b, std::size_t target, const target_name& t);

} // namespace vsim::agg
