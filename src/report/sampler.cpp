#include "report/sampler.hpp"

#include <utility>

namespace vsim::report {

using stats::counter;

sampler::sampler(const stats::recorder& from) : from_{&from}, last_{read(process_usage::now())} {}

sampler::totals sampler::read(const process_usage& usage) const {
    return {
        .metrics = from_->total(counter::metrics_sent),
        .bytes = from_->total(counter::metrics_bytes) + from_->total(counter::aggregated_bytes) +
                 from_->total(counter::history_bytes),
        .errors = from_->error_total(),
        .lag = from_->total(stats::latency::send_lag),
        .cpu = usage.cpu(),
    };
}

stats::timeline_point sampler::next(util::nanoseconds t, std::uint64_t connected) {
    const auto usage = process_usage::now();
    auto now = read(usage);
    stats::timeline_point point{
        .t = t,
        .connected = connected,
        .metrics_sent = now.metrics - last_.metrics,
        .bytes_sent = now.bytes - last_.bytes,
        .errors = now.errors - last_.errors,
        .rss_bytes = usage.rss_bytes,
    };
    if (const auto lag = now.lag.since(last_.lag); lag.count() > 0) {
        point.send_lag_p99 = lag.quantile(0.99);
    }
    if (t > last_t_) {
        point.cpu_pct = 100.0 * static_cast<double>((now.cpu - last_.cpu).count()) /
                        static_cast<double>((t - last_t_).count());
    }
    last_ = std::move(now);
    last_t_ = t;
    return point;
}

} // namespace vsim::report
