#pragma once
// Runs in the middle, for the progress to be drawn from.

#include "report/progress.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace vsim::test {

inline report::progress_state mid_run() {
    using namespace std::chrono_literals;
    using unit = report::phase_progress::unit;
    report::progress_state s;
    s.phases = {
        {.name = "register", .done = 5000, .total = 5000, .elapsed = 1040ms, .finished = true},
        {.name = "history", .done = 605'000, .total = 605'000, .elapsed = 6140ms, .finished = true},
        {.name = "ramp", .done = 5000, .total = 5000, .elapsed = 5050ms, .finished = true},
        {.name = "run",
         .of = unit::time,
         .done = 150'000'000'000,
         .total = 600'000'000'000,
         .elapsed = 150s},
    };
    s.live.emplace();
    s.live->connected = 4998;
    s.live->requested = 5000;
    s.live->viewers = 10;
    s.live->metrics_sent = 1'234'567;
    s.live->metrics_per_second = 1666.7;
    s.live->bytes_per_second = 2'750'000;
    s.live->send_lag_p99 = {true, 4321us};
    s.live->fence_p50 = {true, 412us};
    s.live->fence_p99 = {true, 13'200us};
    s.live->freshness_p95 = {true, 5100ms};
    s.live->server =
        stats::watched_point{.cpu_pct = 33.4, .rss_bytes = 90'000'000, .threads = 11, .fds = 2012};
    return s;
}

// Whatever can go wrong.
inline report::progress_state bad_run() {
    using namespace std::chrono_literals;
    auto s = mid_run();
    auto& cut = s.phases[1];
    cut = {.name = "history", .done = 999, .total = 605'000, .elapsed = 5s, .finished = true};
    cut.cut_short = true;
    s.phases.back().done = 0;
    s.phases.back().total = 0;
    s.phases.push_back({.name = "drain", .done = 3, .total = 5000, .elapsed = 9s, .idle = 8s});
    s.phases.push_back({.name = "a-name-nobody-would-give", .done = 9, .elapsed = 9s});
    s.live->errors = 3;
    s.live->missed = 17;
    s.live->fence_p99.value.reset();
    s.live->server.reset();
    s.live->server_has_ended = true;
    return s;
}

inline std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

} // namespace vsim::test
