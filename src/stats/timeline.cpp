#include "stats/timeline.hpp"

#include <algorithm>

namespace vsim::stats {
namespace {

constexpr std::optional<util::nanoseconds> timeline_point::* upper_bounds[]{
    &timeline_point::send_lag_p99,
    &timeline_point::fence_p50,
    &timeline_point::fence_p99,
    &timeline_point::fence_uncorrected_p99,
    &timeline_point::freshness_p50,
    &timeline_point::freshness_p95,
    &timeline_point::history_read_p95,
};

// `first` (of weight `n` added points) and `next` (of weight `m`) as one point.
timeline_point
join(const timeline_point& first, std::size_t n, const timeline_point& next, std::size_t m) {
    auto both = next;
    both.metrics_sent += first.metrics_sent;
    both.bytes_sent += first.bytes_sent;
    both.errors += first.errors;
    both.missed += first.missed;
    for (const auto p : upper_bounds) {
        both.*p = std::max(first.*p, next.*p); // absent sorts first
    }
    const auto a = static_cast<double>(n);
    const auto b = static_cast<double>(m);
    const auto mean = [a, b](double x, double y) { return (x * a + y * b) / (a + b); };
    const auto mean_of_known = [&](std::optional<double> x, std::optional<double> y) {
        return x && y ? mean(*x, *y) : x ? x : y;
    };
    both.cpu_pct = mean(first.cpu_pct, next.cpu_pct);
    both.rss_bytes = std::max(first.rss_bytes, next.rss_bytes);
    if (first.steal_pct && next.steal_pct) {
        both.steal_pct = mean(*first.steal_pct, *next.steal_pct);
    }
    if (first.server && next.server) {
        const auto& x = *first.server;
        const auto& y = *next.server;
        both.server = {
            .cpu_pct = mean(x.cpu_pct, y.cpu_pct),
            .rss_bytes = std::max(x.rss_bytes, y.rss_bytes),
            .threads = std::max(x.threads, y.threads),
            .fds = std::max(x.fds, y.fds), // absent sorts first
            .read_bytes_per_s = mean_of_known(x.read_bytes_per_s, y.read_bytes_per_s),
            .written_bytes_per_s = mean_of_known(x.written_bytes_per_s, y.written_bytes_per_s),
        };
    } else if (first.server) {
        both.server = first.server; // it has gone
    }
    return both;
}

} // namespace

timeline::timeline(std::size_t capacity) : capacity_{std::max<std::size_t>(2, capacity)} {}

void timeline::add(const timeline_point& next) {
    open_ = open_ ? join(*open_, in_open_, next, 1) : next;
    if (++in_open_ < stride_) {
        return;
    }
    if (points_.size() == capacity_) {
        // An odd one out at the end becomes the first half of the point now being filled.
        for (std::size_t i = 0; i + 1 < points_.size(); i += 2) {
            points_[i / 2] = join(points_[i], stride_, points_[i + 1], stride_);
        }
        if (capacity_ % 2 == 1) {
            open_ = join(points_.back(), stride_, *open_, in_open_);
            in_open_ += stride_;
        }
        points_.resize(capacity_ / 2);
        stride_ *= 2;
        if (in_open_ < stride_) {
            return;
        }
    }
    points_.push_back(*open_);
    open_.reset();
    in_open_ = 0;
}

std::vector<timeline_point> timeline::points() const {
    auto all = points_;
    if (open_) {
        all.push_back(*open_);
    }
    return all;
}

} // namespace vsim::stats
