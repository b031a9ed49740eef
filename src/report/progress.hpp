#pragma once
// What a command shows while it works: one bar for each phase and, while agents are connected, a
// few rows of figures. The texts only; progress_display.hpp brings them to a terminal. Reentrant.

#include "stats/timeline.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vsim::report {

struct phase_progress {
    enum class unit { items, time };
    std::string name; // "cleanup", "register", "history", "ramp", "run"
    unit of = unit::items;
    std::uint64_t done = 0;  // items, or nanoseconds for `time`
    std::uint64_t total = 0; // 0 = not known: no bar and no ETA
    util::nanoseconds elapsed{0};
    bool finished = false;
    bool cut_short = false; // finished, but not because all was done
    // Of items, while they are done (report/eta.hpp).
    double speed = 0;                             // lately, a second
    std::optional<util::nanoseconds> remaining{}; // absent: nobody knows
    util::nanoseconds idle{0};                    // since the last one
};

// A figure that has a place once it was measured, and nothing in it when that is too long ago.
struct measured {
    bool is_wanted = false;
    std::optional<util::nanoseconds> value{};
};

// Figures of the last few seconds, where they are not said to be of all.
struct live_status {
    std::uint64_t connected = 0;
    std::uint64_t requested = 0;
    std::uint64_t viewers = 0;      // connected
    std::uint64_t metrics_sent = 0; // in all
    double metrics_per_second = 0;
    double bytes_per_second = 0;
    std::uint64_t missed = 0; // in all
    std::uint64_t errors = 0; // in all
    measured send_lag_p99;
    measured fence_p50, fence_p99;
    measured freshness_p95;
    std::optional<stats::watched_point> server{}; // absent: not watched
    bool server_has_ended = false;
};

struct progress_state {
    std::vector<phase_progress> phases; // begun so far, in order
    std::optional<live_status> live{};
};

struct terminal_size {
    unsigned columns = 80;
    unsigned rows = 24;

    bool operator==(const terminal_size&) const = default;
};

// Lines without a final newline, none wider than `size.columns` - 1, at most `size.rows` of them:
// where there is no room, phases that are over go first.
std::vector<std::string> render(const progress_state& state, terminal_size size, bool color);
// The present phase and the figures in one line of any width, for a log.
std::string plain_line(const progress_state& state);

} // namespace vsim::report
