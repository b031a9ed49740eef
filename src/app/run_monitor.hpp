#pragma once
// What a run looks like from outside while it goes on: its phases, the live figures, the time
// series. Phases are begun and ended by the work, the rest is asked for by the main thread.
// Thread-safe.

#include "agent/census.hpp"
#include "report/progress.hpp"
#include "report/run_result.hpp"
#include "report/sampler.hpp"
#include "stats/recorder.hpp"
#include "stats/timeline.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace vsim::app {

class run_monitor {
public:
    using amount = std::function<std::uint64_t()>; // called under the monitor's lock

    run_monitor(const stats::recorder& counts, std::uint64_t requested);

    // `total` 0: not known. `done` gives items, or nanoseconds for unit::time.
    void
    begin(std::string phase, report::phase_progress::unit of, std::uint64_t total, amount done);
    void end(bool cut_short); // the phase that was begun last
    // Where the figures of connected agents come from; empty again before that goes.
    void watch(std::function<agent::census::figures()> fleet);

    report::progress_state state(util::steady_time now);
    // Adds a point to the time series if the last one is a second old, or if it is the last; gives
    // it.
    std::optional<stats::timeline_point> sample(util::steady_time now, bool is_last = false);

    std::vector<report::phase_time> phases() const;
    std::vector<stats::timeline_point> timeseries() const;
    util::steady_time started() const { return started_; }

private:
    struct phase {
        report::phase_progress shown;
        util::steady_time began;
        amount done;
    };
    std::uint64_t online() const;

    const stats::recorder& counts_;
    const std::uint64_t requested_;
    const util::steady_time started_;
    mutable std::mutex mutex_; // guards what follows
    std::vector<phase> phases_;
    std::function<agent::census::figures()> fleet_;
    report::sampler sampler_;
    stats::timeline timeline_;
    util::steady_time sampled_;
    util::nanoseconds stretch_{0}; // that the last point covers
    std::optional<stats::timeline_point> last_;
};

} // namespace vsim::app
