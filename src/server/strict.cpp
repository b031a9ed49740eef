#include "server/strict.hpp"

#include "server/clean_up.hpp"
#include "server/excerpt.hpp"
#include "server/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vsim::server {

namespace {

using proto::granularity;
using util::format_rfc3339;

// Clocks of two machines differ, and a history takes a while to arrive.
constexpr std::int64_t ahead_seconds = 5;
constexpr std::int64_t behind_seconds = 300;

// No index is so large before the year 2128, and every time stamp since 2001 is.
constexpr std::int64_t first_timestamp = 1'000'000'000;

// The simulator's shortest interval is a millisecond.
constexpr double most_samples_per_second = 1000;

// Sums were added in another order than ours would be.
constexpr double rounding = 1e-6;

std::optional<oddity> place_of(granularity g, std::int64_t bucket, std::int64_t now) {
    if (bucket >= first_timestamp) {
        return oddity::timestamp_bucket;
    }
    if (bucket > proto::bucket_index(g, now + ahead_seconds)) {
        return oddity::future_bucket;
    }
    const auto oldest = now - proto::facts(g).retention.count() - behind_seconds;
    if (bucket < proto::bucket_index(g, oldest)) {
        return oddity::expired_bucket;
    }
    return std::nullopt;
}

bool check_place(granularity g, std::int64_t bucket, std::int64_t now, sightings& out) {
    const auto place = place_of(g, bucket, now);
    if (place) {
        out.add(*place, [&] {
            return fmt::format(
                "{} bucket {}; now is in {}", proto::name(g), bucket, proto::bucket_index(g, now)
            );
        });
    }
    return !place;
}

// A counter is cumulative: the later of two is not the smaller one. `what` says whose they are.
template <class MakeText>
void check_totals(
    std::optional<server_memory::totals>& newest,
    const server_memory::totals& seen,
    sightings& out,
    MakeText what
) {
    if (!newest || seen.when > newest->when) {
        if (newest && (seen.rx < newest->rx || seen.tx < newest->tx)) {
            out.add(oddity::falling_counter, [&] {
                return fmt::format(
                    "{}: received {} after {}, sent {} after {}",
                    what(),
                    seen.rx,
                    newest->rx,
                    seen.tx,
                    newest->tx
                );
            });
        }
        newest = seen;
    } else if (seen.when < newest->when && (seen.rx > newest->rx || seen.tx > newest->tx)) {
        out.add(oddity::falling_counter, [&] {
            return fmt::format(
                "{}: received {} before {}, sent {} before {}",
                what(),
                seen.rx,
                newest->rx,
                seen.tx,
                newest->tx
            );
        });
    }
}

template <class MakeText>
bool check_size(std::uint64_t rx, std::uint64_t tx, sightings& out, MakeText what) {
    if (fits(rx) && fits(tx)) {
        return true;
    }
    out.add(oddity::huge_counter, [&] {
        return fmt::format("{}: received {}, sent {}", what(), rx, tx);
    });
    return false;
}

void check_zone(const util::zoned_instant& t, sightings& out) {
    if (t.offset.count() != 0) {
        out.add(oddity::not_utc, [&] {
            return fmt::format(
                "{} was written {} minutes from UTC", format_rfc3339(t.at), t.offset.count()
            );
        });
    }
}

// What is the same for a sample on its own and in a batch.
void check_sample(
    const proto::system_metrics& m,
    const util::zoned_instant& t,
    server_memory& seen,
    util::wall_time now,
    sightings& out
) {
    if (t == util::zoned_instant{}) {
        out.add(oddity::expired_bucket, [] {
            return std::string{"a sample without a timestamp is stored in the year 1"};
        });
        return;
    }
    check_zone(t, out);
    const auto what = [&] { return "sample of " + format_rfc3339(t.at, 3); };
    if (t.at > now + std::chrono::seconds{ahead_seconds}) {
        out.add(oddity::future_bucket, what);
    } else if (t.at < now - std::chrono::seconds{raw_retention_seconds + behind_seconds}) {
        out.add(oddity::expired_bucket, what);
    }
    const auto& net = m.network;
    if (check_size(net.total_rx, net.total_tx, out, what)) {
        const auto when = t.at.time_since_epoch().count();
        check_totals(seen.sample, {when, net.total_rx, net.total_tx}, out, what);
    }
}

void check_duplicate(util::wall_time at, server_memory& seen, sightings& out) {
    const auto known = std::min(seen.samples, seen.latest.size());
    const auto end = seen.latest.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::find(seen.latest.begin(), end, at) != end) {
        out.add(oddity::duplicate_sample, [&] { return "sample of " + format_rfc3339(at, 9); });
    } else {
        seen.latest[seen.samples++ % seen.latest.size()] = at;
    }
}

// Sums of `count` values, none above `max`.
bool can_be(double sum, double max, double count) {
    return sum <= max * count * (1 + rounding) + rounding && !(count == 0 && sum > 0);
}

bool is_over(granularity g, std::int64_t bucket, std::int64_t now) {
    return bucket < proto::bucket_index(g, now - ahead_seconds);
}

bool is_of_session(granularity g, std::int64_t bucket, const server_memory& seen) {
    return seen.session_start == 0 ||
           proto::bucket_start(g, bucket) > seen.session_start + ahead_seconds;
}

// How often a bucket's agent samples at most; 0 as long as nobody knows.
double rate_of(granularity g, std::int64_t bucket, const server_memory& seen) {
    if (is_of_session(g, bucket, seen) || seen.samples_per_second == 0) {
        return seen.samples_per_second;
    }
    return std::max(seen.samples_per_second, seen.earlier_per_second);
}

// Learns how often the agent samples from the buckets that are over.
void learn_rate(const proto::aggregated_message& m, server_memory& seen, std::int64_t now) {
    for (const auto& data : m.granularities) {
        const auto g = proto::granularity_from_name(data.granularity);
        if (!g) {
            continue;
        }
        const auto width = static_cast<double>(proto::width_seconds(*g));
        for (const auto& row : data.metrics) {
            const auto rate = static_cast<double>(row.sample_count) / width;
            if (rate <= most_samples_per_second && is_over(*g, row.bucket, now)) {
                auto& most = is_of_session(*g, row.bucket, seen) ? seen.samples_per_second
                                                                 : seen.earlier_per_second;
                most = std::max(most, rate);
            }
        }
    }
}

// A bucket holds what was sampled so far, not what it will have been (the old generator says 720
// for an hour that has just begun).
void check_count(
    granularity g,
    const proto::metric_bucket& row,
    const server_memory& seen,
    std::int64_t now,
    sightings& out
) {
    const auto count = static_cast<double>(row.sample_count);
    const auto width = static_cast<double>(proto::width_seconds(g));
    double most = width * most_samples_per_second;
    const auto rate = rate_of(g, row.bucket, seen);
    if (!is_over(g, row.bucket, now) && rate > 0) {
        const auto passed = now - proto::bucket_start(g, row.bucket) + ahead_seconds;
        most = std::ceil(static_cast<double>(passed) * rate) + 1;
    }
    const bool is_possible = row.sample_count >= 0 && row.ping_count >= 0 && count <= most &&
                             can_be(row.cpu_sum, row.cpu_max, count) &&
                             can_be(row.memory_sum, row.memory_max, count) &&
                             can_be(row.disk_sum, 100, count);
    if (!is_possible) {
        out.add(oddity::impossible_count, [&] {
            return fmt::format(
                "{} bucket {}: {} samples (at most {:.0f} by now), cpu_sum {} with cpu_max {}, "
                "memory_sum {} with memory_max {}, disk_sum {}, ping_count {}",
                proto::name(g),
                row.bucket,
                row.sample_count,
                most,
                row.cpu_sum,
                row.cpu_max,
                row.memory_sum,
                row.memory_max,
                row.disk_sum,
                row.ping_count
            );
        });
    }
}

void check_row(
    granularity g,
    const proto::metric_bucket& row,
    server_memory& seen,
    std::int64_t now,
    sightings& out
) {
    const auto what = [&] { return fmt::format("{} bucket {}", proto::name(g), row.bucket); };
    const bool has_place = check_place(g, row.bucket, now, out);
    const bool has_size = check_size(row.net_rx, row.net_tx, out, what);
    if (has_place) {
        check_count(g, row, seen, now, out);
    }
    if (has_place && has_size) {
        auto& newest = seen.buckets[proto::position(g)];
        check_totals(newest, {row.bucket, row.net_rx, row.net_tx}, out, what);
    }
}

template <class Row>
void check_pings(granularity g, const std::vector<Row>& rows, std::int64_t now, sightings& out) {
    for (const auto& row : rows) {
        check_place(g, row.bucket, now, out);
        if (row.latency_count < 0 || row.ok_count < 0 || row.fail_count < 0) {
            out.add(oddity::impossible_count, [&] {
                return fmt::format(
                    "{} ping bucket {}: {} ok, {} failed, {} latencies",
                    proto::name(g),
                    row.bucket,
                    row.ok_count,
                    row.fail_count,
                    row.latency_count
                );
            });
        }
    }
}

} // namespace

std::string_view describe(oddity o) {
    static constexpr std::array<std::string_view, oddity_count> words{
        "messages that could not be decoded (dropped in silence)",
        "messages of an unknown type (dropped in silence)",
        "messages before a successful auth (not stored)",
        "auths without id or token (never answered)",
        "metrics messages without metrics (not stored)",
        "unknown granularities (skipped in silence)",
        "buckets that look like time stamps (shown in the far future, never deleted)",
        "buckets or samples in the future",
        "buckets or samples beyond their retention",
        "sample counts that the bucket cannot have",
        "counters that fall",
        "counters of 2^63 or more (rows dropped in silence)",
        "samples sent twice (counted twice)",
        "times that are not in UTC (sorted wrongly)",
        "items of batches rejected",
        "items of batches accepted but lost",
        "items of batches skipped as known",
    };
    return words[static_cast<std::size_t>(o)];
}

void begin_session(server_memory& seen, util::wall_time now) {
    seen.earlier_per_second = std::max(seen.earlier_per_second, seen.samples_per_second);
    seen.samples_per_second = 0;
    seen.session_start = util::unix_seconds(now);
}

void inspect(
    const proto::metrics_message& m, server_memory& seen, util::wall_time now, sightings& out
) {
    if (!m.metrics) {
        out.add(oddity::without_metrics, [] { return std::string{"answered with an error"}; });
        return;
    }
    const auto& at = m.metrics->timestamp;
    check_sample(*m.metrics, at, seen, now, out);
    check_duplicate(at.at, seen, out);
    if (!m.metrics->ping || m.metrics->ping->targets.empty()) {
        return;
    }
    const auto second = util::unix_seconds(now);
    const auto& ping = *m.metrics->ping;
    if (ping.timestamp > second + ahead_seconds) {
        out.add(oddity::future_bucket, [&] {
            return fmt::format("ping of second {}; now is {}", ping.timestamp, second);
        });
    }
    check_pings(granularity::min2, ping.agg_2min, second, out);
    check_pings(granularity::min15, ping.agg_15min, second, out);
    check_pings(granularity::hourly, ping.agg_hourly, second, out);
    check_pings(granularity::daily, ping.agg_daily, second, out);
}

void inspect(
    const proto::aggregated_message& m, server_memory& seen, util::wall_time now, sightings& out
) {
    const auto second = util::unix_seconds(now);
    learn_rate(m, seen, second);
    for (const auto& data : m.granularities) {
        const auto g = proto::granularity_from_name(data.granularity);
        if (!g) {
            out.add(oddity::unknown_granularity, [&] {
                const auto name = excerpt("\"" + data.granularity + "\"", "", 40);
                return fmt::format("{} with {} buckets", name, data.metrics.size());
            });
            continue;
        }
        for (const auto& row : data.metrics) {
            check_row(*g, row, seen, second, out);
        }
        check_pings(*g, data.ping, second, out);
    }
}

void inspect(
    const proto::batch_message& m, server_memory& seen, util::wall_time now, sightings& out
) {
    for (const auto& item : m.metrics_batch) {
        const auto at = util::parse_rfc3339(item.timestamp);
        if (!item.metrics || !at) {
            out.add(oddity::batch_rejected, [&] {
                return std::string{
                    item.metrics ? "its timestamp is no RFC 3339 time" : "it has no metrics"
                };
            });
        } else {
            check_sample(*item.metrics, *at, seen, now, out);
        }
    }
    for (const auto& item : m.aggregated) {
        if (!item) {
            out.add(oddity::batch_rejected, [] { return std::string{"an aggregate is null"}; });
            continue;
        }
        const auto start = util::parse_rfc3339(item->start_time);
        if (!start) {
            out.add(oddity::batch_lost, [] {
                return std::string{"its start_time is no RFC 3339 time"};
            });
            continue;
        }
        const auto bucket = proto::bucket_index(granularity::min2, start->at);
        const auto what = [&] { return fmt::format("aggregate of {}", format_rfc3339(start->at)); };
        check_zone(*start, out);
        check_place(granularity::min2, bucket, util::unix_seconds(now), out);
        check_size(item->net_rx_max, item->net_tx_max, out, what);
        if (item->sample_count < 0) {
            out.add(oddity::impossible_count, what);
        }
    }
}

} // namespace vsim::server
