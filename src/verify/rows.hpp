#pragma once
// Rows of one agent as a server has them, or ought to: metrics by granularity, pings by granularity
// and target, raw samples by the five seconds they fall into. Plain values.

#include "proto/bucket.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace vsim::verify {

template <class T>
using by_granularity = std::array<T, proto::granularity_count>;

struct ping_row {
    std::int64_t bucket = 0;
    double latency_sum = 0, latency_max = 0;
    std::int64_t latency_count = 0, ok_count = 0, fail_count = 0;
    bool operator==(const ping_row&) const = default;
};

struct ping_series {
    std::string name;
    std::vector<std::string> hosts; // that its rows name; of those expected, any of them will do
    std::vector<ping_row> rows;     // in time order
};

struct raw_count {
    std::int64_t bucket = 0; // of five seconds
    std::int64_t least = 0;  // samples that are there, or have to be
    std::int64_t most = 0;   // and that may be; of stored ones the same
};

// Buckets that can be told about at all, and those of them whose absence says something.
struct readable {
    std::int64_t first = std::numeric_limits<std::int64_t>::min();
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    std::int64_t kept_from = std::numeric_limits<std::int64_t>::min();
    bool holds(std::int64_t bucket) const { return bucket >= first && bucket <= last; }
};

enum class form {
    sums,  // the tables' columns
    means, // what REST tells: cpu_sum, memory_sum, disk_sum, ping_sum and latency_sum are means,
           // ping_count and latency_count 1 where there is one, fail_count 1 if there was a failure
};

struct stored_rows {
    form as = form::sums;
    by_granularity<bool> is_read{}; // else nothing was asked of it
    by_granularity<std::vector<proto::metric_bucket>> metrics;
    by_granularity<std::vector<ping_series>> pings;
    by_granularity<readable> metrics_readable, pings_readable;
    bool has_raw = false;
    std::vector<raw_count> raw;
    readable raw_readable;

    void clear();
};

} // namespace vsim::verify
