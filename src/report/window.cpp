#include "report/window.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::report {
namespace {

constexpr int states_a_window = 60;
constexpr util::nanoseconds shortest_step = std::chrono::milliseconds{500};

util::nanoseconds step_of(util::nanoseconds length) {
    return std::max(length / states_a_window, shortest_step);
}

stats::snapshot gained_since(const stats::snapshot& earlier, stats::snapshot now) {
    for (std::size_t i = 0; i < now.counters.size(); ++i) {
        now.counters[i] -= earlier.counters[i];
    }
    for (std::size_t i = 0; i < now.latencies.size(); ++i) {
        now.latencies[i] = now.latencies[i].since(earlier.latencies[i]);
    }
    for (const auto& [kind, error] : earlier.errors) {
        now.errors[kind].count -= error.count;
    }
    return now;
}

} // namespace

window_log::window_log(const stats::recorder& from, std::vector<window_request> wanted)
    : from_{from} {
    for (auto& w : wanted) {
        all_.push_back({.wanted = std::move(w), .earlier = {}, .last = {}});
    }
}

window_log::state window_log::take(util::steady_time now, const window_request& wanted) const {
    state s{.at = now, .totals = {}};
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        s.totals.counters[i] = from_.total(static_cast<stats::counter>(i));
    }
    for (const auto which : wanted.latencies) {
        s.totals.latencies[static_cast<std::size_t>(which)] = from_.total(which);
    }
    s.totals.errors = from_.errors();
    return s;
}

void window_log::begin(util::steady_time now) {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    for (auto& s : all_) {
        s.earlier.push_back(take(now, s.wanted));
    }
}

void window_log::sample(util::steady_time now) {
    const std::lock_guard lock{mutex_};
    if (!is_open_) {
        return;
    }
    for (auto& s : all_) {
        if (now - s.earlier.back().at < step_of(s.wanted.length)) {
            continue;
        }
        s.earlier.push_back(take(now, s.wanted));
        // The first must stay old enough for a window that ends at any later time.
        while (s.earlier.size() > 1 && s.earlier[1].at <= now - s.wanted.length) {
            s.earlier.pop_front();
        }
    }
}

void window_log::end(util::steady_time now) {
    const std::lock_guard lock{mutex_};
    if (!is_open_) {
        return;
    }
    is_open_ = false;
    for (auto& s : all_) {
        s.last = take(now, s.wanted);
    }
}

std::vector<window> window_log::windows() const {
    const std::lock_guard lock{mutex_};
    std::vector<window> made;
    for (const auto& s : all_) {
        if (!s.last) {
            continue;
        }
        const auto* from = &s.earlier.front();
        for (const auto& e : s.earlier) {
            from = e.at <= s.last->at - s.wanted.length ? &e : from;
        }
        made.push_back({
            .length = s.wanted.length,
            .covers = s.last->at - from->at,
            .gained = gained_since(from->totals, s.last->totals),
        });
    }
    return made;
}

} // namespace vsim::report
