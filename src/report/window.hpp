#pragma once
// The last part of a run, for thresholds with @last: what the counters and the named latencies
// gained in it. Kept as a ring of earlier states, one for each sixtieth of the longest window, so
// memory is bounded whatever the length of the run: at most 61 histograms a latency. Thread-safe.

#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace vsim::report {

// Plain values. `gained` holds only the latencies that were asked for.
struct window {
    util::nanoseconds length{0}; // as asked for
    util::nanoseconds covers{0}; // what it really covers: up to a sixtieth more, or all there was
    stats::snapshot gained;
};

// What is wanted of the windows of a run: one for each length.
struct window_request {
    util::nanoseconds length{0};
    std::vector<stats::latency> latencies;
};

class window_log {
public:
    // `from` outlives this. Nothing is kept for an empty request.
    window_log(const stats::recorder& from, std::vector<window_request> wanted);

    void begin(util::steady_time now); // the run phase
    void sample(util::steady_time now
    ); // as often as one likes; nothing before begin() or after end()
    void end(util::steady_time now);
    std::vector<window> windows() const; // none unless the run phase ended

private:
    struct state {
        util::steady_time at;
        stats::snapshot totals;
    };
    struct series {
        window_request wanted;
        std::deque<state> earlier; // oldest first
        std::optional<state> last;
    };
    state take(util::steady_time now, const window_request& wanted) const;

    const stats::recorder& from_;
    mutable std::mutex mutex_; // guards what follows
    bool is_open_ = false;
    std::vector<series> all_;
};

} // namespace vsim::report
