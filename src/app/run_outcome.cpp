#include "app/run_outcome.hpp"

#include "app/exit_code.hpp"
#include "app/version.hpp"
#include "report/process_usage.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vsim::app {

report::run_result begin_result(
    const run_config& c,
    const util::url& server,
    const std::string& command_line,
    util::wall_time now
) {
    report::run_result result;
    result.tool = {std::string{version()}, std::string{build_kind()}};
    result.process.rss_start_bytes = report::process_usage::now().rss_bytes;
    result.fleet.requested = c.count;
    auto& r = result.run;
    r.mode = name(c.mode);
    r.server = server.text();
    r.embedded = c.embedded;
    r.count = c.count;
    r.history = c.mode == run_mode::realtime ? util::nanoseconds{0} : c.hours;
    r.interval = c.interval;
    r.agg_interval = c.agg_interval;
    r.seed = c.seed;
    r.threads = c.threads;
    r.io_contexts = c.io_contexts;
    r.command_line = command_line;
    r.started_at = now;
    r.clock = c.clock;
    r.stopped_by = "error"; // until something better happens
    return result;
}

void finish_result(
    report::run_result& r,
    const run_monitor& monitor,
    const stats::recorder& counts,
    const run_trust& trust,
    util::steady_time now
) {
    r.run.duration = now - monitor.started();
    r.run.ended_at = r.run.started_at + r.run.duration;
    r.phases = monitor.phases();
    r.timeseries = monitor.timeseries();
    r.stats = counts.take();
    r.server_process = monitor.watched_process();
    if (r.server_process && r.run.shard == "1/1") { // else others load it, too
        const auto messages = r.stats[stats::counter::metrics_sent];
        report::relate(*r.server_process, messages, r.fleet.connected_peak);
    }
    trust.tell(r);
    const auto usage = report::process_usage::now();
    r.process.cpu_user = usage.cpu_user;
    r.process.cpu_system = usage.cpu_system;
    r.process.rss_peak_bytes = usage.rss_peak_bytes;
    r.host = report::machine::now();
    settle_exit_code(r);
}

void settle_exit_code(report::run_result& r) {
    auto code = exit_code::ok;
    for (const auto& f : r.findings) {
        code = worse(code, static_cast<exit_code>(f.exit_code));
    }
    r.exit_code = to_int(code);
}

void judge_thresholds(
    const std::vector<report::threshold>& thresholds,
    const report::window_log& windows,
    report::run_result& r
) {
    const auto parts = windows.windows();
    for (const auto& t : thresholds) {
        r.thresholds.push_back(report::evaluate(t, r, parts));
    }
    const auto crossed = std::ranges::count(r.thresholds, false, &report::threshold_result::is_ok);
    if (crossed > 0) {
        r.findings.push_back(
            {to_int(exit_code::threshold),
             fmt::format("{} of {} thresholds were not met", crossed, r.thresholds.size())}
        );
        settle_exit_code(r);
    }
}

} // namespace vsim::app
