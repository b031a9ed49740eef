#include "report/sampler.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace vsim::report {

namespace {

using stats::counter;
using stats::latency;
using point = stats::timeline_point;

struct quantile_of {
    latency which;
    double q;
    std::optional<util::nanoseconds> point::* into;
};
constexpr quantile_of quantiles[]{
    {latency::send_lag, 0.99, &point::send_lag_p99},
    {latency::fence, 0.5, &point::fence_p50},
    {latency::fence, 0.99, &point::fence_p99},
    {latency::fence_uncorrected, 0.99, &point::fence_uncorrected_p99},
    {latency::freshness, 0.5, &point::freshness_p50},
    {latency::freshness, 0.95, &point::freshness_p95},
    {latency::history_read, 0.95, &point::history_read_p95},
};

} // namespace

sampler::sampler(const stats::recorder& from) : from_{&from}, last_{read(process_usage::now())} {}

sampler::totals sampler::read(const process_usage& usage) const {
    totals t{
        .metrics = from_->total(counter::metrics_sent),
        .bytes = from_->total(counter::metrics_bytes) + from_->total(counter::aggregated_bytes) +
                 from_->total(counter::batch_bytes) + from_->total(counter::history_bytes),
        .errors = from_->error_total(),
        .missed = from_->total(counter::metrics_missed),
        .cpu = usage.cpu(),
        .machine = machine_cpu::now(),
    };
    for (std::size_t i = 0; i < watched_latencies.size(); ++i) {
        t.latencies[i] = from_->total(watched_latencies[i]);
    }
    return t;
}

stats::timeline_point sampler::next(util::nanoseconds t, std::uint64_t connected) {
    const auto usage = process_usage::now();
    auto now = read(usage);
    stats::timeline_point made{
        .t = t,
        .connected = connected,
        .metrics_sent = now.metrics - last_.metrics,
        .bytes_sent = now.bytes - last_.bytes,
        .errors = now.errors - last_.errors,
        .missed = now.missed - last_.missed,
        .rss_bytes = usage.rss_bytes,
    };
    for (const auto& [which, q, member] : quantiles) {
        const auto i = static_cast<std::size_t>(
            std::ranges::find(watched_latencies, which) - watched_latencies.begin()
        );
        const auto stretch = now.latencies[i].since(last_.latencies[i]);
        if (stretch.count() > 0) {
            made.*member = stretch.quantile(q);
        }
    }
    if (t > last_t_) {
        made.cpu_pct = 100.0 * static_cast<double>((now.cpu - last_.cpu).count()) /
                       static_cast<double>((t - last_t_).count());
    }
    if (const auto use = use_between(last_.machine, now.machine)) {
        made.steal_pct = use->steal_pct;
    }
    last_ = std::move(now);
    last_t_ = t;
    return made;
}

} // namespace vsim::report
