#pragma once
// Those who look at the server while a fleet reports to it: --viewers and --readers. They begin
// after the ramp, when there is something to see, and end before the agents say goodbye, which is
// no flip to offline. Thread-bound to the caller's serial executor.

#include "agent/report_board.hpp"
#include "app/config.hpp"
#include "app/fleet_truth.hpp"
#include "net/group.hpp"
#include "net/pool.hpp"
#include "report/run_result.hpp"
#include "stats/recorder.hpp"
#include "viewer/reader.hpp"
#include "viewer/screen.hpp"
#include "viewer/viewer.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace vsim::app {

class run_viewers {
public:
    // Nobody looks unless `c` says so. All that is given outlives it.
    run_viewers(const run_config& c, net::pool& p, stats::recorder& counts, net::ticker& pace);

    // Before the fleet is made: where its agents are to tell what they sent; null when nobody will
    // look at it.
    agent::report_board* prepare(const std::vector<agent::identity>& who, const agent::mix& kinds);

    void begin(const net::endpoint& server, util::clock_anchor clock);
    // Once the pace is stopped; then what they saw is in `to`.
    net::task<> end(report::run_result& to);

private:
    report::freshness_facts tell(util::wall_time now) const;

    const run_config& c_;
    net::pool& pool_;
    stats::recorder& counts_;
    net::ticker& pace_;
    std::unique_ptr<agent::report_board> board_;
    std::unique_ptr<fleet_truth> truth_;
    viewer::attendance present_;
    viewer::flip_log flips_;
    viewer::surroundings around_;
    std::deque<viewer::screen> screens_;
    net::group all_;
};

} // namespace vsim::app
