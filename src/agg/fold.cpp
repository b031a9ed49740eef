#include "agg/fold.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace vsim::agg {

namespace {

// Division is dear, and only a bucket's first part needs its index.
void enter(
    bucket& into, proto::granularity g, std::int64_t unix_seconds, std::uint32_t target_count
) {
    if (into.index == -1) {
        into.index = static_cast<std::int32_t>(proto::bucket_index(g, unix_seconds));
    }
    assert(into.index == proto::bucket_index(g, unix_seconds));
    assert(target_count <= max_targets);
    into.target_count = std::max<std::uint32_t>(into.target_count, target_count) & 15;
}

void count(bucket& into, std::uint32_t samples) {
    const auto sum = into.sample_count + samples;
    assert(sum <= 0xfff'ffff);
    into.sample_count = sum & 0xfff'ffff;
}

} // namespace

void fold(bucket& into, proto::granularity g, const reading& r) {
    enter(into, g, r.unix_seconds, r.target_count);
    const std::uint64_t weight = r.weight;
    into.cpu += {weight * r.cpu, r.cpu};
    into.memory += {weight * r.memory, r.memory};
    into.disk_sum += weight * r.disk;
    into.net_rx = std::max(into.net_rx, r.net_rx);
    into.net_tx = std::max(into.net_tx, r.net_tx);
    count(into, r.weight);
    for (std::size_t i = 0; i < r.target_count; ++i) {
        const auto& ping = r.pings[i];
        assert(ping.ok == ping.answered);
        if (ping.answered) {
            assert(r.pinged >> i & 1);
            into.latency[i] += {weight * ping.latency, ping.latency};
            into.answered[i] += r.weight;
        } else if (r.pinged >> i & 1) {
            into.failed[i] += r.weight;
        }
    }
}

void fold(bucket& into, proto::granularity into_g, const bucket& fine, proto::granularity fine_g) {
    if (fine.index == -1) {
        return;
    }
    enter(into, into_g, proto::bucket_start(fine_g, fine.index), fine.target_count);
    into.cpu += fine.cpu;
    into.memory += fine.memory;
    into.disk_sum += fine.disk_sum;
    into.net_rx = std::max(into.net_rx, fine.net_rx);
    into.net_tx = std::max(into.net_tx, fine.net_tx);
    count(into, fine.sample_count);
    for (std::size_t i = 0; i < fine.target_count; ++i) {
        into.latency[i] += fine.latency[i];
        into.answered[i] += fine.answered[i];
        into.failed[i] += fine.failed[i];
    }
}

ping_sums bucket::pings(std::size_t target) const {
    assert(target < target_count);
    const auto ok = answered[target];
    return {latency[target].sum(), latency[target].max(), ok, ok, failed[target]};
}

std::uint64_t bucket::ping_sum() const {
    std::uint64_t sum = 0;
    for (const auto& l : latency) {
        sum += l.sum();
    }
    return sum;
}

std::uint64_t bucket::ping_count() const {
    return std::accumulate(answered.begin(), answered.end(), std::uint64_t{0});
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
        .cpu_sum = hundredths(b.cpu.sum()),
        .cpu_max = hundredths(b.cpu.max()),
        .memory_sum = hundredths(b.memory.sum()),
        .memory_max = hundredths(b.memory.max()),
        .disk_sum = hundredths(b.disk_sum),
        .net_rx = b.net_rx,
        .net_tx = b.net_tx,
        .ping_sum = hundredths(b.ping_sum()),
        .ping_count = static_cast<std::int64_t>(b.ping_count()),
        .sample_count = b.sample_count,
    };
}

proto::ping_bucket to_wire(const bucket& b, std::size_t target, const target_name& t) {
    const auto sums = b.pings(target);
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
