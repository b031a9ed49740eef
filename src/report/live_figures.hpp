#pragma once
// From the points of the time series to figures that can be read while they change: rates over a
// few seconds, quantiles that stay for a moment when a second had nothing to measure. Thread-bound.

#include "report/progress.hpp"
#include "stats/timeline.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace vsim::report {

class live_figures {
public:
    void add(const stats::timeline_point& next); // they come in order
    // Everything that comes from points; the rest of `s` stays.
    void write(live_status& s) const;

private:
    struct held {
        std::optional<util::nanoseconds> value{};
        util::nanoseconds at{0};
    };
    measured read(const held& h) const;

    std::array<stats::timeline_point, 4> recent_{}; // a ring; the oldest only says when it ended
    std::size_t count_ = 0;
    util::nanoseconds now_{0};
    held lag_, fence_p50_, fence_p99_, freshness_;
    bool was_watched_ = false;
};

} // namespace vsim::report
