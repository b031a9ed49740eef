#include "verify/rest_source.hpp"

#include "proto/decode.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace vsim::verify {
namespace {

using proto::granularity;
using util::errc;

constexpr std::int64_t day = 24 * 3600;
constexpr by_granularity<range_facts> ranges{{
    {granularity::sec5, "1h", 3600, 720, true},
    {granularity::min2, "24h", day, 720, true},
    {granularity::min15, "7d", 7 * day, 720, false},
    {granularity::hourly, "30d", 30 * day, 720, false},
    {granularity::daily, "1y", 365 * day, 365, false},
}};

// So many buckets of the range are asked for at most: the window holds one more than the row limit
// lets through, and it moves on while we ask.
constexpr std::int64_t spare_buckets = 6;
constexpr std::chrono::seconds answer_deadline{60};

std::int64_t first_bucket(const expected_rows& e, std::size_t g) {
    const auto& rows = e.metrics[g];
    return rows.empty() ? 0 : rows.front().bucket;
}

// The server's own bound of the range.
readable window(
    const proto::history_reply& reply, const range_facts& r, std::int64_t since, std::int64_t now
) {
    readable span;
    const auto width = proto::width_seconds(r.table);
    if (r.has_since && reply.last_bucket) {
        span.first = std::max(since, *reply.last_bucket - r.length / width);
    } else {
        span.first = proto::bucket_index(r.table, now - r.length) + 1;
    }
    span.kept_from = span.first;
    return span;
}

util::result<std::int64_t> bucket_of(const std::string& timestamp, granularity g) {
    const auto at = util::parse_rfc3339(timestamp);
    if (!at) {
        return util::make_error(
            errc::protocol, "the history has '" + timestamp + "' where a time belongs"
        );
    }
    return proto::bucket_index(g, at->at);
}

// An empty table is answered with means of raw rows, whose counters are differences.
bool is_fallback(
    const std::vector<proto::metric_bucket>& rows, const std::vector<proto::metric_bucket>& expected
) {
    std::size_t common = 0;
    for (const auto& row : rows) {
        const auto e = std::ranges::lower_bound(
            expected, row.bucket, std::ranges::less{}, &proto::metric_bucket::bucket
        );
        if (e == expected.end() || e->bucket != row.bucket) {
            continue;
        }
        ++common;
        if (row.net_rx >= e->net_rx || row.net_tx >= e->net_tx) {
            return false;
        }
    }
    return common > 0;
}

class source_over_rest final : public source {
public:
    source_over_rest(net::asio::any_io_executor where, net::endpoint server)
        : path_{server.url.path + "/api/history/"}, client_{std::move(where), std::move(server)} {}

    net::task_result<>
    read(const ledger_entry& who, const expected_rows& expected, stored_rows& out) override {
        out.clear();
        out.as = form::means;
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            if (expected.metrics[g].empty()) {
                continue; // what is told then is made from raw rows
            }
            const auto& range = ranges[g];
            const auto now = util::unix_seconds(std::chrono::system_clock::now());
            const auto newest = proto::bucket_index(range.table, now);
            const auto reach = range.length / proto::width_seconds(range.table);
            const auto oldest = newest - reach + spare_buckets;
            const auto since = range.has_since ? std::max(first_bucket(expected, g), oldest) : 0;
            auto metrics = co_await ask(who.id, range, "metrics", since);
            if (!metrics) {
                co_return metrics.error();
            }
            auto pings = co_await ask(who.id, range, "ping", since);
            if (!pings) {
                co_return pings.error();
            }
            auto taken = take_metrics(
                *metrics,
                range,
                since,
                now,
                expected.metrics[g],
                out.metrics[g],
                out.metrics_readable[g]
            );
            if (taken) {
                taken = take_pings(*pings, range, since, now, out.pings[g], out.pings_readable[g]);
            }
            if (!taken) {
                co_return taken.error();
            }
            out.is_read[g] = true;
        }
        co_return util::result<void>{};
    }

private:
    net::task_result<proto::history_reply>
    ask(std::string id, const range_facts& range, std::string_view type, std::int64_t since) {
        net::http_request r;
        r.target = path_ + id + "?range=";
        r.target.append(range.name).append("&type=").append(type);
        if (since > 0) {
            r.target += "&since=" + std::to_string(since);
        }
        const auto deadline = std::chrono::steady_clock::now() + answer_deadline;
        auto answer = co_await client_.send(std::move(r), deadline);
        if (!answer) {
            co_return answer.error();
        }
        if (answer->status != 200) {
            co_return util::make_error(
                errc::protocol,
                "GET of a history: the server answered " + std::to_string(answer->status)
            );
        }
        auto reply = proto::decode<proto::history_reply>(answer->body);
        if (!reply) {
            co_return util::make_error(
                errc::protocol, "GET of a history: " + reply.error().message
            );
        }
        co_return reply;
    }

    const std::string path_;
    net::http_client client_;
};

} // namespace

std::unique_ptr<source> rest_source(net::asio::any_io_executor where, net::endpoint server) {
    return std::make_unique<source_over_rest>(std::move(where), std::move(server));
}

const range_facts& range_of(granularity g) {
    return ranges[proto::position(g)];
}

util::result<void> take_metrics(
    const proto::history_reply& reply,
    const range_facts& range,
    std::int64_t since,
    std::int64_t now,
    const std::vector<proto::metric_bucket>& expected,
    std::vector<proto::metric_bucket>& rows,
    readable& span
) {
    span = window(reply, range, since, now);
    if (!reply.data) {
        return {};
    }
    for (const auto& p : *reply.data) {
        const auto bucket = bucket_of(p.timestamp, range.table);
        if (!bucket) {
            return bucket.error();
        }
        proto::metric_bucket row;
        row.bucket = *bucket;
        row.cpu_sum = p.cpu;
        row.memory_sum = p.memory;
        row.disk_sum = p.disk;
        row.net_rx = static_cast<std::uint64_t>(p.net_rx);
        row.net_tx = static_cast<std::uint64_t>(p.net_tx);
        row.ping_sum = p.ping_ms.value_or(0);
        row.ping_count = p.ping_ms ? 1 : 0;
        rows.push_back(row);
    }
    if (std::cmp_greater_equal(rows.size(), range.limit)) {
        span.last = rows.back().bucket;
    }
    if (!range.has_since && is_fallback(rows, expected)) {
        rows.clear();
    }
    return {};
}

util::result<void> take_pings(
    const proto::history_reply& reply,
    const range_facts& range,
    std::int64_t since,
    std::int64_t now,
    std::vector<ping_series>& series,
    readable& span
) {
    span = window(reply, range, since, now);
    for (const auto& target : reply.ping_targets) {
        ping_series s{target.name, {target.host}, {}};
        for (const auto& p : target.data) {
            const auto bucket = bucket_of(p.timestamp, range.table);
            if (!bucket) {
                return bucket.error();
            }
            s.rows.push_back(
                {*bucket,
                 p.latency_ms.value_or(0),
                 0,
                 p.latency_ms ? 1 : 0,
                 0,
                 p.status == "error" ? 1 : 0}
            );
        }
        series.push_back(std::move(s));
    }
    return {};
}

} // namespace vsim::verify
