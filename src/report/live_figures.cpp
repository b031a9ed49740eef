#include "report/live_figures.hpp"

#include "report/units.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace vsim::report {
namespace {

using namespace std::chrono_literals;

// A value older than that says nothing about now: a server that hangs must not look fast.
constexpr util::nanoseconds held_for = 5s;

} // namespace

void live_figures::add(const stats::timeline_point& next) {
    recent_[count_ % recent_.size()] = next;
    ++count_;
    now_ = next.t;
    const auto hold = [this](held& h, const std::optional<util::nanoseconds>& value) {
        if (value) {
            h = {value, now_};
        }
    };
    hold(lag_, next.send_lag_p99);
    hold(fence_p50_, next.fence_p50);
    hold(fence_p99_, next.fence_p99);
    hold(freshness_, next.freshness_p95);
    was_watched_ = was_watched_ || next.server;
}

measured live_figures::read(const held& h) const {
    return {
        .is_wanted = h.value.has_value(),
        .value = now_ - h.at < held_for ? h.value : std::nullopt,
    };
}

void live_figures::write(live_status& s) const {
    if (count_ == 0) {
        return;
    }
    const auto& last = recent_[(count_ - 1) % recent_.size()];
    const auto known = std::min(count_, recent_.size());
    // The first point of all began with the run.
    const auto counted = known == recent_.size() ? known - 1 : known;
    const auto since = known == recent_.size() ? recent_[count_ % recent_.size()].t : 0ns;
    std::uint64_t metrics = 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = 1; i <= counted; ++i) {
        const auto& p = recent_[(count_ - i) % recent_.size()];
        metrics += p.metrics_sent;
        bytes += p.bytes_sent;
    }
    s.metrics_per_second = per_second(metrics, now_ - since);
    s.bytes_per_second = per_second(bytes, now_ - since);
    s.send_lag_p99 = read(lag_);
    s.fence_p50 = read(fence_p50_);
    s.fence_p99 = read(fence_p99_);
    s.freshness_p95 = read(freshness_);
    s.server = last.server;
    s.server_has_ended = was_watched_ && !last.server;
}

} // namespace vsim::report
