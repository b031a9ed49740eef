#pragma once
// Log-linear histogram of durations, fixed in size, mergeable, bucket layout compatible with
// HdrHistogram (three significant digits, 1 µs to 1 h: relative error <= 0.1 %). Values above the
// range are counted in the last bucket and the exact maximum is kept. Single writer; copies are
// plain values.

#include "util/clock.hpp"

#include <cstdint>
#include <vector>

namespace vsim::stats {

class histogram {
public:
    histogram();
    void record(util::nanoseconds value); // negative counts as 0
    void merge(const histogram& other);

    std::uint64_t count() const { return count_; }
    util::nanoseconds min() const; // 0 when empty
    util::nanoseconds max() const;
    double mean_ns() const;
    // Value at quantile q in 0..1; the upper end of its bucket, as HdrHistogram does. 0 when empty.
    util::nanoseconds quantile(double q) const;

private:
    std::vector<std::uint32_t> counts_; // grows to the highest bucket used
    std::uint64_t count_ = 0;
    std::uint64_t min_us_ = UINT64_MAX;
    std::uint64_t max_us_ = 0;
    double sum_us_ = 0;
};

} // namespace vsim::stats
