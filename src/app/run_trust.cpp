#include "app/run_trust.hpp"

#include "app/exit_code.hpp"
#include "report/process_usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

using stats::latency;

// What connecting thousands of agents at once does to these says nothing about the load.
constexpr std::array split_latencies{
    latency::send_lag, latency::own_lag, latency::fence, latency::fence_uncorrected
};

constexpr std::size_t slot(latency l) {
    return static_cast<std::size_t>(l);
}

double share(util::nanoseconds part, util::nanoseconds whole) {
    return whole.count() > 0
               ? static_cast<double>(part.count()) / static_cast<double>(whole.count())
               : 0;
}

std::optional<util::nanoseconds> p99(const stats::histogram& h) {
    return h.count() > 0 ? std::optional{h.quantile(0.99)} : std::nullopt;
}

} // namespace

run_trust::run_trust(const run_config& c, const stats::recorder& counts, const net::pool& pool)
    : c_{c}, counts_{counts}, pool_{pool} {}

run_trust::mark run_trust::mark::now(const net::pool& pool) {
    return {
        std::chrono::steady_clock::now(),
        report::process_usage::now().cpu(),
        pool.thread_times(),
        report::machine_cpu::now()
    };
}

void run_trust::begin() {
    for (const auto l : split_latencies) {
        ramp_[slot(l)] = counts_.total(l);
    }
    late_in_ramp_ = counts_.total(stats::counter::metrics_late);
    from_ = mark::now(pool_);
}

void run_trust::end() {
    to_ = mark::now(pool_);
}

void run_trust::tell(report::run_result& r) const {
    if (!to_) {
        return;
    }
    split(r);
    r.trust = report::judge(figures(r));
    if (!r.trust.is_valid) {
        r.findings.insert(
            r.findings.begin(),
            {to_int(exit_code::invalid_run), fmt::format("{}", fmt::join(r.trust.reasons, "; "))}
        );
    }
}

stats::histogram run_trust::steady(latency l) const {
    return counts_.total(l).since(ramp_[slot(l)]);
}

// Nothing is sampled after the stop: what comes then still belongs to the run.
void run_trust::split(report::run_result& r) const {
    for (const auto l : split_latencies) {
        if (auto of_run = steady(l); of_run.count() > 0) {
            r.stats.latencies[slot(l)] = std::move(of_run);
            r.ramp[slot(l)] = ramp_[slot(l)];
        }
    }
}

report::generator_figures run_trust::figures(const report::run_result& r) const {
    const auto length = to_->at - from_->at;
    report::generator_figures f;
    f.has_schedule = c_.interval.count() > 0;
    f.has_embedded_server = c_.embedded;
    // Due times are rounded up to a tick, which was asked for.
    f.max_lag = std::max<util::nanoseconds>(c_.max_lag, 2 * c_.tick);
    f.own_lag_p99 = p99(steady(latency::own_lag));
    f.send_lag_p99 = p99(steady(latency::send_lag));
    f.late = r.stats[stats::counter::metrics_late] - late_in_ramp_;
    f.cpu_pct = 100 * share(to_->cpu - from_->cpu, length);
    for (std::size_t i = 0; i < to_->threads.size(); ++i) {
        const auto& before = from_->threads[i];
        const auto& after = to_->threads[i];
        f.threads_busy.push_back(share(after.cpu - before.cpu, length));
        if (before.waited && after.waited) {
            f.threads_waiting.push_back(share(*after.waited - *before.waited, length));
        }
    }
    if (const auto use = report::use_between(from_->machine, to_->machine)) {
        f.steal_pct = use->steal_pct;
        f.machine_pct = use->busy_pct;
    }
    return f;
}

} // namespace vsim::app
