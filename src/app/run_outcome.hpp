#pragma once
// The frame of a run's result: what was asked for, at its start; what it came to, at its end. The
// work fills in the rest. Reentrant.

#include "app/config.hpp"
#include "app/run_monitor.hpp"
#include "app/run_trust.hpp"
#include "report/run_result.hpp"
#include "report/threshold.hpp"
#include "report/window.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"
#include "util/parse.hpp"

#include <string>
#include <vector>

namespace vsim::app {

report::run_result begin_result(
    const run_config& c,
    const util::url& server,
    const std::string& command_line,
    util::wall_time now
);

// Times, counts, machine, how far to trust them; the exit code is the worst of the findings'.
void finish_result(
    report::run_result& r,
    const run_monitor& monitor,
    const stats::recorder& counts,
    const run_trust& trust,
    util::steady_time now
);

// The worst of the findings'.
void settle_exit_code(report::run_result& r);

// Judges the thresholds over what is there now: after everything else that fills the result.
void judge_thresholds(
    const std::vector<report::threshold>& thresholds,
    const report::window_log& windows,
    report::run_result& r
);

} // namespace vsim::app
