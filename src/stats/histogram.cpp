#include "stats/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace vsim::stats {
namespace {

// HdrHistogram's layout for three digits: values below 2048 have a bucket each; every further power
// of two is split into 1024 equal buckets.
constexpr std::uint64_t half_count = 1024;
constexpr unsigned half_bits = 10;
constexpr std::uint64_t highest_us = 3'600'000'000; // 1 h
constexpr std::int64_t ns_per_us = 1000;

constexpr std::size_t index_of(std::uint64_t us) {
    if (us < 2 * half_count) {
        return us;
    }
    const auto shift = static_cast<unsigned>(std::bit_width(us)) - half_bits - 1;
    return (shift + 1) * half_count + ((us >> shift) - half_count);
}

// First and last microsecond that share bucket `index`.
struct bounds {
    std::uint64_t low;
    std::uint64_t high;
};

constexpr bounds bounds_of(std::size_t index) {
    if (index < 2 * half_count) {
        return {index, index};
    }
    const auto shift = index / half_count - 1;
    const auto low = (index % half_count + half_count) << shift;
    return {low, low + (std::uint64_t{1} << shift) - 1};
}

static_assert(bounds_of(index_of(highest_us)).high >= highest_us);
static_assert(index_of(bounds_of(4711).low) == 4711 && index_of(bounds_of(4711).high) == 4711);

constexpr std::int64_t to_ns(std::uint64_t us) {
    return static_cast<std::int64_t>(us) * ns_per_us;
}

} // namespace

void histogram::record(util::nanoseconds value, std::uint64_t times) {
    if (times == 0) {
        return;
    }
    const auto ns = std::max<std::int64_t>(0, value.count());
    // Nearest, so that neither short nor long values are favoured.
    const auto us = (static_cast<std::uint64_t>(ns) + ns_per_us / 2) / ns_per_us;
    const auto index = index_of(std::min(us, highest_us));
    if (index >= counts_.size()) {
        counts_.resize((index / half_count + 1) * half_count);
    }
    counts_[index] += times;
    count_ += times;
    min_ns_ = std::min(min_ns_, ns);
    max_ns_ = std::max(max_ns_, ns);
    sum_ns_ += static_cast<double>(ns) * static_cast<double>(times);
}

void histogram::merge(const histogram& other) {
    if (other.counts_.size() > counts_.size()) {
        counts_.resize(other.counts_.size());
    }
    for (std::size_t i = 0; i < other.counts_.size(); ++i) {
        counts_[i] += other.counts_[i];
    }
    count_ += other.count_;
    min_ns_ = std::min(min_ns_, other.min_ns_);
    max_ns_ = std::max(max_ns_, other.max_ns_);
    sum_ns_ += other.sum_ns_;
}

histogram histogram::since(const histogram& earlier) const {
    assert(earlier.count_ <= count_ && earlier.counts_.size() <= counts_.size());
    histogram result;
    if (count_ == earlier.count_) {
        return result;
    }
    result.counts_ = counts_;
    for (std::size_t i = 0; i < earlier.counts_.size(); ++i) {
        result.counts_[i] -= earlier.counts_[i];
    }
    result.count_ = count_ - earlier.count_;
    result.sum_ns_ = sum_ns_ - earlier.sum_ns_;
    const auto used = [](std::uint64_t n) { return n > 0; };
    const auto first = std::ranges::find_if(result.counts_, used) - result.counts_.begin();
    const auto last = std::find_if(result.counts_.rbegin(), result.counts_.rend(), used);
    const auto last_index = result.counts_.rend() - last - 1;
    result.min_ns_ = std::max(min_ns_, to_ns(bounds_of(static_cast<std::size_t>(first)).low));
    result.max_ns_ = std::min(max_ns_, to_ns(bounds_of(static_cast<std::size_t>(last_index)).high));
    return result;
}

util::nanoseconds histogram::min() const {
    return util::nanoseconds{count_ == 0 ? 0 : min_ns_};
}

util::nanoseconds histogram::max() const {
    return util::nanoseconds{max_ns_};
}

double histogram::mean_ns() const {
    return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_);
}

util::nanoseconds histogram::quantile(double q) const {
    if (count_ == 0) {
        return util::nanoseconds{0};
    }
    const auto wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
    if (rank == count_) {
        return max(); // exact, also for what lies above the range
    }
    std::uint64_t seen = 0;
    std::size_t index = 0;
    for (; index < counts_.size(); ++index) {
        seen += counts_[index];
        if (seen >= rank) {
            break;
        }
    }
    return util::nanoseconds{std::clamp(to_ns(bounds_of(index).high), min_ns_, max_ns_)};
}

std::vector<histogram::bucket> histogram::buckets() const {
    std::vector<bucket> used;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] > 0) {
            used.push_back({bounds_of(i).high, counts_[i]});
        }
    }
    return used;
}

} // namespace vsim::stats
