#include "agg/fold.hpp"

#include <algorithm>
#include <cassert>

namespace vsim::agg {

void fold(bucket& into, proto::granularity g, const reading& r) {
    const auto index = proto::bucket_index(g, r.unix_seconds);
    assert(into.index == -1 || into.index == index);
    into.index = index;
    const std::uint64_t weight = r.weight;
    into.cpu_sum += weight * r.cpu;
    into.memory_sum += weight * r.memory;
    into.disk_sum += weight * r.disk;
    into.cpu_max = std::max(into.cpu_max, r.cpu);
    into.memory_max = std::max(into.memory_max, r.memory);
    into.net_rx = std::max(into.net_rx, r.net_rx);
    into.net_tx = std::max(into.net_tx, r.net_tx);
    into.sample_count += r.weight;
    for (std::size_t i = 0; i < r.target_count; ++i) {
        const auto& ping = r.pings[i];
        auto& sums = into.pings[i];
        if (ping.answered) {
            sums.latency_sum += weight * ping.latency;
            sums.latency_max = std::max(sums.latency_max, ping.latency);
            sums.latency_count += r.weight;
            into.ping_sum += weight * ping.latency;
            into.ping_count += r.weight;
        }
        (ping.ok ? sums.ok_count : sums.fail_count) += r.weight;
    }
}

void fold(bucket& into, proto::granularity into_g, const bucket& fine, proto::granularity fine_g) {
    if (fine.index == -1) {
        return;
    }
    const auto index = proto::bucket_index(into_g, proto::bucket_start(fine_g, fine.index));
    assert(into.index == -1 || into.index == index);
    into.index = index;
    into.cpu_sum += fine.cpu_sum;
    into.memory_sum += fine.memory_sum;
    into.disk_sum += fine.disk_sum;
    into.cpu_max = std::max(into.cpu_max, fine.cpu_max);
    into.memory_max = std::max(into.memory_max, fine.memory_max);
    into.net_rx = std::max(into.net_rx, fine.net_rx);
    into.net_tx = std::max(into.net_tx, fine.net_tx);
    into.ping_sum += fine.ping_sum;
    into.ping_count += fine.ping_count;
    into.sample_count += fine.sample_count;
    for (std::size_t i = 0; i < max_targets; ++i) {
        const auto& from = fine.pings[i];
        auto& to = into.pings[i];
        to.latency_sum += from.latency_sum;
        to.latency_max = std::max(to.latency_max, from.latency_max);
        to.latency_count += from.latency_count;
        to.ok_count += from.ok_count;
        to.fail_count += from.fail_count;
    }
}

namespace {

// Hundredths as the double nearest to their decimal text.
double hundredths(std::uint64_t value) {
    return static_cast<double>(value) / 100;
}

} // namespace

proto::metric_bucket to_wire(const bucket& b) {
    return {
        .bucket = b.index,
        .cpu_sum = hundredths(b.cpu_sum),
        .cpu_max = hundredths(b.cpu_max),
        .memory_sum = hundredths(b.memory_sum),
        .memory_max = hundredths(b.memory_max),
        .disk_sum = hundredths(b.disk_sum),
        .net_rx = b.net_rx,
        .net_tx = b.net_tx,
        .ping_sum = hundredths(b.ping_sum),
        .ping_count = b.ping_count,
        .sample_count = b.sample_count,
    };
}

proto::ping_bucket to_wire(const bucket& b, std::size_t target, const target_name& t) {
    const auto& sums = b.pings[target];
    return {
        .bucket = b.index,
        .target_name = t.name,
        .target_host = t.host,
        .latency_sum = hundredths(sums.latency_sum),
        .latency_max = hundredths(sums.latency_max),
        .latency_count = sums.latency_count,
        .ok_count = sums.ok_count,
        .fail_count = sums.fail_count,
    };
}

} // namespace vsim::agg
