#include "app/capacity_outcome.hpp"

#include "report/threshold.hpp"
#include "report/units.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace vsim::app {
namespace {

using report::capacity_step;
using report::run_result;
using stats::counter;
using stats::latency;

constexpr double near = 0.1; // of the limit

bool is_near(const report::threshold_result& t) {
    const auto ratio = ratio_to_limit(t);
    return ratio && std::abs(*ratio - 1) <= near;
}

// Accepted: anything near its limit might as well have crossed it. Rejected: what crossed might as
// well not have, and nothing else did.
bool is_borderline(const capacity_step& s) {
    if (s.said == capacity_step::verdict::accepted) {
        return std::ranges::any_of(s.criteria, is_near);
    }
    return s.reason.empty() &&
           std::ranges::all_of(s.criteria, [](const auto& t) { return t.is_ok || is_near(t); });
}

const report::finding* find(const run_result& r, exit_code code) {
    const auto found = std::ranges::find(r.findings, to_int(code), &report::finding::exit_code);
    return found == r.findings.end() ? nullptr : &*found;
}

std::optional<double> quantile_ms(const run_result& r, latency which, double q) {
    const auto& h = r.stats[which];
    if (h.count() == 0) {
        return std::nullopt;
    }
    return std::round(static_cast<double>(h.quantile(q).count()) / 1e3) / 1e3;
}

std::optional<double> server_cpu(const run_result& r) {
    const auto live = r.time_in({"ramp", "run", "drain"});
    if (!r.server_process || !live || live->count() == 0) {
        return std::nullopt;
    }
    const auto share = static_cast<double>(r.server_process->cpu_live.count()) /
                       static_cast<double>(live->count());
    return std::round(share * 1e4) / 100;
}

capacity_step facts_of(const run_result& r, std::uint32_t iteration, capacity_search::step tried) {
    const auto live = r.time_in({"ramp", "run"});
    const auto rate = live ? report::per_second(r.stats[counter::metrics_sent], *live) : 0;
    return {
        .iteration = iteration,
        .agents = tried.agents,
        .is_repeat = tried.is_repeat,
        .criteria = r.thresholds,
        .started_at = r.run.started_at,
        .took = r.run.duration,
        .messages_per_second = std::round(rate * 100) / 100,
        .fence_p50_ms = quantile_ms(r, latency::fence, 0.5),
        .fence_p99_ms = quantile_ms(r, latency::fence, 0.99),
        .freshness_p95_ms = quantile_ms(r, latency::freshness, 0.95),
        .send_lag_p99_ms = quantile_ms(r, latency::send_lag, 0.99),
        .missing = r.verified ? std::optional{r.verified->missing()} : std::nullopt,
        .server_cpu_pct = server_cpu(r),
    };
}

} // namespace

step_outcome outcome_of(const run_result& r, std::uint32_t iteration, capacity_search::step tried) {
    using kind = step_outcome::kind;
    step_outcome o{.step = facts_of(r, iteration, tried)};
    if (r.run.stopped_by == "signal") {
        o.what = kind::interrupted;
        return o;
    }
    const auto* refused = find(r, exit_code::auth);
    const auto* failed = refused != nullptr ? refused : find(r, exit_code::failed);
    if (refused != nullptr || (failed != nullptr && r.fleet.connected_peak == 0)) {
        o.what = kind::failed;
        o.why = failed->text;
        o.code = static_cast<exit_code>(failed->exit_code);
        return o;
    }
    if (const auto* invalid = find(r, exit_code::invalid_run)) {
        o.what = kind::generator;
        o.step.said = capacity_step::verdict::invalid;
        o.step.reason = invalid->text;
        o.why = invalid->text;
        o.code = exit_code::invalid_run;
        return o;
    }
    const auto* bad = failed != nullptr ? failed : find(r, exit_code::verification);
    o.step.reason = bad != nullptr ? bad->text : "";
    const bool is_good =
        bad == nullptr && std::ranges::all_of(r.thresholds, [](const auto& t) { return t.is_ok; });
    o.step.said = is_good ? capacity_step::verdict::accepted : capacity_step::verdict::rejected;
    o.step.is_borderline = is_borderline(o.step);
    return o;
}

} // namespace vsim::app
