#include "server/rows.hpp"

#include "server/instant.hpp"

#include <utility>

namespace vsim::server {

namespace {

// A sample without a timestamp reads as Go's zero time, year 1, and is stored there.
constexpr std::int64_t year_one = -62'135'596'800;

std::int64_t second_of(const util::zoned_instant& t) {
    return t == util::zoned_instant{} ? year_one : util::unix_seconds(t.at);
}

metrics_ptr stamped(proto::system_metrics&& m, const util::zoned_instant& at) {
    m.timestamp = at;
    return std::make_shared<const proto::system_metrics>(std::move(m));
}

// These two return what the agent would show if the entry were the last one.
metrics_ptr take_sample(proto::batch_item&& item, batch_content& into) {
    const auto at = util::parse_rfc3339(item.timestamp);
    if (!item.metrics || !at) {
        ++into.rejected;
        return item.metrics
                   ? std::make_shared<const proto::system_metrics>(std::move(*item.metrics))
                   : nullptr;
    }
    ++into.accepted;
    into.samples.push_back(stamped(std::move(*item.metrics), *at));
    return into.samples.back();
}

metrics_ptr take_summary(proto::batch_aggregate&& a, batch_content& into) {
    ++into.accepted;
    const auto start = util::parse_rfc3339(a.start_time);
    if (!start) { // accepted and lost, as the protocol has it
        return a.last_metrics
                   ? std::make_shared<const proto::system_metrics>(std::move(*a.last_metrics))
                   : nullptr;
    }
    batch_summary summary;
    const auto count = static_cast<double>(a.sample_count);
    auto& row = summary.row;
    row.bucket = proto::bucket_index(proto::granularity::min2, start->at);
    row.cpu_sum = a.cpu_avg * count;
    row.cpu_max = a.cpu_max;
    row.memory_sum = a.memory_avg * count;
    row.memory_max = a.memory_max;
    row.disk_sum = a.disk_avg * count;
    row.net_rx = a.net_rx_max;
    row.net_tx = a.net_tx_max;
    row.sample_count = a.sample_count;
    if (a.last_metrics) {
        auto end = util::parse_rfc3339(a.end_time);
        if (!end) {
            end = util::zoned_instant{start->at + std::chrono::minutes{1}, start->offset};
        }
        summary.last = stamped(std::move(*a.last_metrics), *end);
    }
    into.summaries.push_back(std::move(summary));
    return into.summaries.back().last;
}

} // namespace

sample_row sample_of(const proto::system_metrics& m) {
    sample_row row;
    row.unix_seconds = second_of(m.timestamp);
    row.timestamp = instant_text(row.unix_seconds, m.timestamp.offset);
    row.cpu = m.cpu.usage;
    row.memory = m.memory.usage_percent;
    row.disk = m.disks.empty() ? 0.0 : m.disks.front().usage_percent;
    row.net_rx = m.network.total_rx;
    row.net_tx = m.network.total_tx;
    row.load_1 = m.load.one;
    row.load_5 = m.load.five;
    row.load_15 = m.load.fifteen;
    if (m.ping) {
        double sum = 0;
        int count = 0;
        for (const auto& target : m.ping->targets) {
            if (target.latency_ms) {
                sum += *target.latency_ms;
                ++count;
            }
        }
        if (count > 0) {
            row.ping_ms = sum / count;
        }
    }
    return row;
}

ping_row ping_of(const proto::ping_target_result& t, std::int64_t bucket) {
    const double latency = t.latency_ms.value_or(0.0);
    const bool ok = t.status == "ok";
    return {bucket, t.name, t.host, latency, latency, t.latency_ms ? 1 : 0, ok ? 1 : 0, ok ? 0 : 1};
}

ping_row ping_of(const proto::ping_aggregate& a) {
    return {
        a.bucket,
        a.name,
        a.host,
        a.latency_sum,
        a.latency_max,
        a.latency_count,
        a.ok_count,
        a.fail_count
    };
}

ping_row ping_of(const proto::ping_bucket& b) {
    return {
        b.bucket,
        b.target_name,
        b.target_host,
        b.latency_sum,
        b.latency_max,
        b.latency_count,
        b.ok_count,
        b.fail_count
    };
}

std::int64_t ping_second(const proto::system_metrics& m) {
    return m.ping && m.ping->timestamp > 0 ? m.ping->timestamp : second_of(m.timestamp);
}

batch_content take_batch(proto::batch_message&& m) {
    batch_content content;
    metrics_ptr last_sample;
    for (auto& item : m.metrics_batch) {
        last_sample = take_sample(std::move(item), content);
    }
    metrics_ptr last_summary;
    for (auto& aggregate : m.aggregated) {
        if (aggregate) {
            last_summary = take_summary(std::move(*aggregate), content);
        } else {
            ++content.rejected;
            last_summary = nullptr;
        }
    }
    content.newest = m.metrics_batch.empty() ? last_summary : last_sample;
    return content;
}

} // namespace vsim::server
