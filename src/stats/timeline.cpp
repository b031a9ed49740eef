#include "stats/timeline.hpp"

#include <algorithm>

namespace vsim::stats {
namespace {

// `first` (of weight `n` added points) and `next` (of weight `m`) as one point.
timeline_point
join(const timeline_point& first, std::size_t n, const timeline_point& next, std::size_t m) {
    auto both = next;
    both.metrics_sent += first.metrics_sent;
    both.bytes_sent += first.bytes_sent;
    both.errors += first.errors;
    both.send_lag_p99 = std::max(first.send_lag_p99, next.send_lag_p99); // absent sorts first
    const auto a = static_cast<double>(n);
    const auto b = static_cast<double>(m);
    both.cpu_pct = (first.cpu_pct * a + next.cpu_pct * b) / (a + b);
    both.rss_bytes = std::max(first.rss_bytes, next.rss_bytes);
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
