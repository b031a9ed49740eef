#include "server/writer.hpp"

#include <algorithm>

namespace vsim::server {

namespace {

std::size_t sample_weight(const proto::system_metrics& m) {
    std::size_t rows = 3; // metrics_raw, metrics_5sec, metrics_2min
    if (m.ping && !m.ping->targets.empty()) {
        const auto& p = *m.ping;
        rows += p.targets.size() + p.agg_2min.size() + p.agg_15min.size() + p.agg_hourly.size() +
                p.agg_daily.size();
    }
    return rows;
}

struct weigh {
    std::size_t operator()(const sample_job& j) const { return sample_weight(*j.metrics); }
    std::size_t operator()(const aggregate_job& j) const {
        std::size_t rows = 1;
        for (const auto& g : j.granularities) {
            rows += g.metrics.size() + g.ping.size();
        }
        return rows;
    }
    std::size_t operator()(const batch_job& j) const {
        std::size_t rows = 1 + j.content.summaries.size();
        for (const auto& m : j.content.samples) {
            rows += sample_weight(*m);
        }
        return rows;
    }
    std::size_t operator()(const rows_job& j) const {
        return std::max<std::size_t>(1, j.rows.size());
    }
    template <class Other>
    std::size_t operator()(const Other&) const {
        return 1;
    }
};

} // namespace

std::size_t weight(const job& j) {
    return std::visit(weigh{}, j);
}

} // namespace vsim::server
