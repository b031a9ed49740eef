#pragma once
// Log-linear histogram of durations, mergeable, with the bucket layout of HdrHistogram (three
// significant digits, unit 1 µs, 1 µs to 1 h): a quantile is off by at most 0.1 % and half a
// microsecond. Values above the range count in the last bucket; minimum, maximum and mean are
// exact. Memory is bounded (184 KB) and taken one power of two at a time. A plain value;
// thread-bound.

#include "util/clock.hpp"

#include <cstdint>
#include <vector>

namespace vsim::stats {

class histogram {
public:
    void record(util::nanoseconds value) { record(value, 1); } // negative counts as 0
    void record(util::nanoseconds value, std::uint64_t times);
    void merge(const histogram& other);

    // What was recorded after `earlier`, a previous state of this same histogram. Minimum and
    // maximum of the result are those of its buckets, hence no longer exact.
    histogram since(const histogram& earlier) const;

    std::uint64_t count() const { return count_; }
    util::nanoseconds min() const; // 0 when empty
    util::nanoseconds max() const; // 0 when empty
    double mean_ns() const;        // 0 when empty
    double sum_ns() const { return sum_ns_; }
    // Smallest recorded value that at least a share `q` (0..1) of all values does not exceed: the
    // upper end of its bucket, never outside [min, max]. 0 when empty.
    util::nanoseconds quantile(double q) const;

    // The values that share a bucket of the layout.
    struct bucket {
        std::uint64_t high_us; // the greatest of them
        std::uint64_t count;
    };
    std::vector<bucket> buckets() const; // those in use, in order

private:
    std::vector<std::uint64_t> counts_; // up to the highest power of two in use
    std::uint64_t count_ = 0;
    std::int64_t min_ns_ = INT64_MAX;
    std::int64_t max_ns_ = 0;
    double sum_ns_ = 0;
};

} // namespace vsim::stats
