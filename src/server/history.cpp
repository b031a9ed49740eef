#include "server/history.hpp"

#include "proto/bucket.hpp"
#include "server/clean_up.hpp"
#include "server/instant.hpp"
#include "server/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace vsim::server {

namespace {

using proto::granularity;

constexpr std::int64_t day = 24 * 3600;

struct range_facts {
    std::string_view name;
    granularity table;
    std::int64_t length;   // seconds
    std::int64_t fallback; // width of a point made from raw rows; 0 = there is none
    bool since;            // honoured, and last_bucket is told
    std::int64_t limit;    // rows that vStats reads at most; 24 h of raw rows are fewer
};

constexpr range_facts ranges[] = {
    {"1h", granularity::sec5, 3600, 0, true, 720},
    {"24h", granularity::min2, day, 0, true, 720},
    {"", granularity::min2, day, 0, true, 720},
    {"7d", granularity::min15, 7 * day, 900, false, 720},
    {"30d", granularity::hourly, 30 * day, 3600, false, 720},
    {"1y", granularity::daily, 365 * day, day / 2, false, 365},
};
constexpr range_facts any_other{{}, granularity::min2, day, 0, false, 0};
constexpr std::int64_t no_limit = -1; // SQLite's

// Sums that agents send may be beyond what JSON can say.
double finite(double value) {
    constexpr auto most = std::numeric_limits<double>::max();
    return std::clamp(value, -most, most);
}
float percent(double value) {
    constexpr double most = 3.4e38; // of a float
    return static_cast<float>(std::clamp(value, -most, most));
}

proto::history_ping_point ping_point(std::string at, double sum, std::int64_t count, bool failed) {
    proto::history_ping_point point{std::move(at), {}, failed ? "error" : "ok"};
    if (count > 0) {
        point.latency_ms = finite(sum / static_cast<double>(count));
    }
    return point;
}

// The target's series, which is the last one when rows come target by target.
proto::history_target&
series(proto::history_reply& to, std::string_view name, std::string_view host) {
    if (to.ping_targets.empty() || to.ping_targets.back().name != name) {
        to.ping_targets.push_back({std::string{name}, std::string{host}, {}});
    }
    return to.ping_targets.back();
}

} // namespace

struct history_reader::span {
    range_facts range;
    bool is_known = false;
    std::int64_t first = 0;     // bucket of range.table
    std::int64_t raw_first = 0; // 5 s bucket
    std::int64_t now = 0;
};

history_reader::span history_reader::span_of(const history_query& q, std::int64_t now_unix) {
    const auto* const found = std::ranges::find(ranges, q.range, &range_facts::name);
    span s;
    s.is_known = found != std::end(ranges);
    s.range = s.is_known ? *found : any_other;
    s.now = now_unix;
    s.first = proto::bucket_index(s.range.table, now_unix - s.range.length);
    if (s.range.since) {
        s.first = std::max(s.first, q.since);
    }
    s.raw_first = proto::bucket_index(
        granularity::sec5, now_unix - std::min(s.range.length, raw_retention_seconds)
    );
    return s;
}

util::result<statement*> history_reader::cached(const std::string& sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        auto made = db_.prepare(sql);
        if (!made) {
            return made.error();
        }
        found = statements_.emplace(sql, std::move(*made)).first;
    }
    return &found->second;
}

util::result<void> history_reader::finish(statement& rows) {
    const bool failed = rows.failed();
    rows.reset();
    if (failed) {
        return util::make_error(util::errc::io, db_.last_error());
    }
    return {};
}

util::result<proto::history_reply>
history_reader::read(const history_query& q, std::int64_t now_unix) {
    const span s = span_of(q, now_unix);
    proto::history_reply reply;
    reply.server_id = q.server_id;
    reply.range = q.range;
    reply.incremental = q.since > 0;
    if (s.range.since) {
        reply.last_bucket = proto::bucket_index(s.range.table, now_unix);
    }
    const bool all = q.type == "all";
    if (s.is_known && (all || q.type == "metrics")) {
        if (auto done = read_metrics(q, s, reply); !done) {
            return done.error();
        }
    }
    if (all || q.type == "ping") {
        if (auto done = read_ping(q, s, reply); !done) {
            return done.error();
        }
    }
    return reply;
}

util::result<void>
history_reader::read_metrics(const history_query& q, const span& s, proto::history_reply& to) {
    const auto query = cached(fmt::format(
        "SELECT bucket,cpu_sum,memory_sum,disk_sum,net_rx,net_tx,ping_sum,ping_count,"
        "sample_count FROM {} WHERE server_id=?1 AND bucket>=?2 ORDER BY bucket LIMIT ?3",
        metrics_table(s.range.table)
    ));
    if (!query) {
        return query.error();
    }
    auto& row = **query;
    row.bind(1, std::string_view{q.server_id});
    row.bind(2, s.first);
    row.bind(3, limited_ ? s.range.limit : no_limit);
    std::vector<proto::history_point> points;
    bool any = false;
    while (row.next()) {
        any = true;
        auto at = bucket_text(s.range.table, row.integer(0));
        if (at.empty()) {
            continue; // a time stamp sent as a bucket: beyond any calendar
        }
        proto::history_point p;
        p.timestamp = std::move(at);
        if (const auto samples = row.integer(8); samples > 0) {
            const auto n = static_cast<double>(samples);
            p.cpu = percent(row.real(1) / n);
            p.memory = percent(row.real(2) / n);
            p.disk = percent(row.real(3) / n);
        }
        p.net_rx = row.integer(4);
        p.net_tx = row.integer(5);
        if (const auto pings = row.integer(7); pings > 0) {
            p.ping_ms = finite(row.real(6) / static_cast<double>(pings));
        }
        points.push_back(std::move(p));
    }
    if (auto done = finish(row); !done) {
        return done;
    }
    if (!points.empty()) {
        to.data = std::move(points);
    }
    if (!any && s.range.fallback > 0) {
        return read_raw(q, s, to);
    }
    return {};
}

util::result<void>
history_reader::read_raw(const history_query& q, const span& s, proto::history_reply& to) {
    const auto query =
        cached("SELECT bucket_5sec*5/?3 AS point,AVG(cpu_usage),AVG(memory_usage),AVG(disk_usage),"
               "MAX(net_rx)-MIN(net_rx),MAX(net_tx)-MIN(net_tx),AVG(ping_ms),MIN(timestamp) "
               "FROM metrics_raw "
               "WHERE server_id=?1 AND bucket_5sec>=?2 GROUP BY point ORDER BY point");
    if (!query) {
        return query.error();
    }
    auto& row = **query;
    row.bind(1, std::string_view{q.server_id});
    row.bind(2, s.raw_first);
    row.bind(3, s.range.fallback);
    std::vector<proto::history_point> points;
    while (row.next()) {
        proto::history_point p;
        // vStats names half a day after its first sample, shorter spans after their beginning.
        p.timestamp = s.range.fallback == day / 2 ? std::string{row.text(7)}
                                                  : instant_text(row.integer(0) * s.range.fallback);
        p.cpu = percent(row.real(1));
        p.memory = percent(row.real(2));
        p.disk = percent(row.real(3));
        p.net_rx = row.integer(4);
        p.net_tx = row.integer(5);
        if (!row.is_null(6)) {
            p.ping_ms = finite(row.real(6));
        }
        points.push_back(std::move(p));
    }
    if (!points.empty()) {
        to.data = std::move(points);
    }
    return finish(row);
}

util::result<void>
history_reader::read_ping(const history_query& q, const span& s, proto::history_reply& to) {
    const auto table = ping_table(s.range.table);
    // The key is (server, target, bucket): finding the targets first spares a walk over all that is
    // older than the range.
    const auto next = cached(fmt::format(
        "SELECT target_name FROM {} WHERE server_id=?1 AND target_name>=?2 "
        "ORDER BY target_name LIMIT 1",
        table
    ));
    const auto query = cached(fmt::format(
        "SELECT bucket,target_host,latency_sum,latency_count,fail_count FROM {} "
        "WHERE server_id=?1 AND target_name=?2 AND bucket>=?3 ORDER BY bucket",
        table
    ));
    if (!next || !query) {
        return next ? query.error() : next.error();
    }
    auto& target = **next;
    auto& row = **query;
    bool any = false;
    std::string name;
    for (;;) {
        target.bind(1, std::string_view{q.server_id});
        target.bind(2, std::string_view{name});
        if (!target.next()) {
            break;
        }
        name = target.text(0);
        target.reset();
        row.bind(1, std::string_view{q.server_id});
        row.bind(2, std::string_view{name});
        row.bind(3, s.first);
        while (row.next()) {
            any = true;
            auto at = bucket_text(s.range.table, row.integer(0));
            if (!at.empty()) {
                series(to, name, row.text(1))
                    .data.push_back(
                        ping_point(std::move(at), row.real(2), row.integer(3), row.integer(4) > 0)
                    );
            }
        }
        if (auto done = finish(row); !done) {
            return done;
        }
        name.push_back('\0'); // the least name that is greater
    }
    if (auto done = finish(target); !done) {
        return done;
    }
    if (!any && s.range.fallback > 0) {
        return read_raw_ping(q, s, to);
    }
    return {};
}

util::result<void>
history_reader::read_raw_ping(const history_query& q, const span& s, proto::history_reply& to) {
    const auto query = cached(
        "SELECT target_name,MIN(target_host),bucket_5sec*5/?3 AS point,TOTAL(latency_ms),"
        "COUNT(latency_ms),SUM(status<>'ok') FROM ping_raw WHERE server_id=?1 AND bucket_5sec>=?2 "
        "GROUP BY target_name,point ORDER BY target_name,point"
    );
    if (!query) {
        return query.error();
    }
    auto& row = **query;
    row.bind(1, std::string_view{q.server_id});
    row.bind(2, s.raw_first);
    row.bind(3, s.range.fallback);
    while (row.next()) {
        series(to, row.text(0), row.text(1))
            .data.push_back(ping_point(
                instant_text(row.integer(2) * s.range.fallback),
                row.real(3),
                row.integer(4),
                row.integer(5) > 0
            ));
    }
    return finish(row);
}

} // namespace vsim::server
