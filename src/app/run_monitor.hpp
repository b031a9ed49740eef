#pragma once
// What a run looks like from outside while it goes on: its phases, the live figures, the time
// series. Phases are begun and ended by the work, the rest is asked for by the main thread.
// Thread-safe.

#include "agent/census.hpp"
#include "report/eta.hpp"
#include "report/live_figures.hpp"
#include "report/progress.hpp"
#include "report/run_result.hpp"
#include "report/sampler.hpp"
#include "report/watched.hpp"
#include "stats/recorder.hpp"
#include "stats/timeline.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace vsim::app {

class run_monitor {
public:
    using amount = std::function<std::uint64_t()>; // called under the monitor's lock

    // `server` is null if its process is not watched.
    run_monitor(
        const stats::recorder& counts,
        std::uint64_t requested,
        std::unique_ptr<report::process_watch> server = nullptr
    );

    // `total` 0: not known. `done` gives items, or nanoseconds for unit::time.
    void
    begin(std::string phase, report::phase_progress::unit of, std::uint64_t total, amount done);
    void end(bool cut_short); // the phase that was begun last
    // Agents live: where their figures come from; empty again when they are gone, before that goes.
    void watch(std::function<agent::census::figures()> fleet);

    report::progress_state state(util::steady_time now);
    // Adds a point to the time series if the last one is a second old, or if it is the last;
    // gives it. From the main thread.
    std::optional<stats::timeline_point> sample(util::steady_time now, bool is_last = false);

    std::vector<report::phase_time> phases() const;
    std::vector<stats::timeline_point> timeseries() const;
    std::optional<report::watched_process> watched_process() const;
    util::steady_time started() const { return started_; }

private:
    struct phase {
        report::phase_progress shown;
        report::eta pace{};
        util::steady_time began;
        amount done;
    };
    std::uint64_t online() const;

    const stats::recorder& counts_;
    const std::uint64_t requested_;
    const util::steady_time started_;
    const std::unique_ptr<report::process_watch> server_;
    mutable std::mutex mutex_; // guards what follows
    std::vector<phase> phases_;
    std::function<agent::census::figures()> fleet_;
    report::sampler sampler_;
    stats::timeline timeline_;
    util::steady_time sampled_; // the main thread's
    report::live_figures figures_;
};

} // namespace vsim::app
