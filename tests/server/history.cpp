#include "server/history.hpp"

#include "proto/bucket.hpp"
#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "table.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace vsim;
using proto::granularity;

namespace {

// 2026-11-24T03:47:35Z
constexpr std::int64_t now = 1795492055;

class fixture {
public:
    explicit fixture(bool limited = false)
        : db_{server::database::open_for_writing(file_.path()).value()},
          reader_{file_.read(), limited} {}

    void run(const std::string& sql) {
        const auto done = db_.execute(sql);
        REQUIRE_MESSAGE(done.has_value(), done.error().message);
    }
    // A bucket with `sum` of cpu over two samples.
    void bucket(const std::string& table, std::int64_t index, int sum = 20) {
        run("INSERT INTO " + table + " VALUES ('one'," + std::to_string(index) + "," +
            std::to_string(sum) + ",0,40,0,60,1000,500,30,2,2)");
    }
    void ping(const std::string& table, std::int64_t index, const std::string& rest) {
        run("INSERT INTO " + table + " VALUES ('one'," + std::to_string(index) + "," + rest + ")");
    }
    // A sample of metrics_raw.
    void raw(std::int64_t second, double cpu, std::int64_t rx) {
        run("INSERT INTO metrics_raw (server_id,timestamp,cpu_usage,memory_usage,disk_usage,net_rx,"
            "net_tx,load_1,load_5,load_15,ping_ms,bucket_5min,bucket_5sec) VALUES ('one','" +
            util::format_rfc3339(util::from_unix_seconds(second)) + "'," + std::to_string(cpu) +
            ",1,2," + std::to_string(rx) + ",0,0,0,0,NULL,0," + std::to_string(second / 5) + ")");
    }
    proto::history_reply read(std::string range, std::string type = "all", std::int64_t since = 0) {
        auto reply = reader_.read({"one", std::move(range), std::move(type), since}, now);
        REQUIRE_MESSAGE(reply.has_value(), reply.error().message);
        return *reply;
    }
    std::vector<std::string> times(const std::string& range, std::int64_t since = 0) {
        std::vector<std::string> all;
        for (const auto& point : read(range, "metrics", since).data.value_or(points{})) {
            all.push_back(point.timestamp);
        }
        return all;
    }

private:
    using points = std::vector<proto::history_point>;
    test::db_file file_;
    server::database db_;
    server::history_reader reader_;
};

struct range {
    const char* name;
    granularity g;
    std::int64_t length;
    const char *metrics, *ping;
    bool has_last_bucket;
};
constexpr range ranges[] = {
    {"1h", granularity::sec5, 3600, "metrics_5sec", "ping_5sec", true},
    {"24h", granularity::min2, 86400, "metrics_2min", "ping_2min", true},
    {"", granularity::min2, 86400, "metrics_2min", "ping_2min", true},
    {"7d", granularity::min15, 7 * 86400, "metrics_15min_agg", "ping_15min_agg", false},
    {"30d", granularity::hourly, 30 * 86400, "metrics_hourly_agg", "ping_hourly_agg", false},
    {"1y", granularity::daily, 365 * 86400, "metrics_daily_agg", "ping_daily_agg", false},
};

} // namespace

TEST_CASE("every range reads its own table from its lower bound on, the newest bucket included") {
    for (const auto& r : ranges) {
        CAPTURE(r.name);
        fixture f;
        const auto first = proto::bucket_index(r.g, now - r.length);
        const auto last = proto::bucket_index(r.g, now);
        f.bucket(r.metrics, first - 1, 1000);
        f.bucket(r.metrics, first);
        f.bucket(r.metrics, last);
        f.ping(r.ping, first - 1, "'CF','old',9,9,1,1,0");
        f.ping(r.ping, last, "'CF','1.1.1.1',9,9,2,2,0");
        const auto reply = f.read(r.name);
        CHECK(reply.server_id == "one");
        CHECK(reply.range == r.name);
        CHECK(!reply.incremental);
        CHECK(reply.last_bucket.has_value() == r.has_last_bucket);
        CHECK(reply.last_bucket.value_or(last) == last);
        REQUIRE(reply.data.has_value());
        REQUIRE(reply.data->size() == 2);
        for (const auto& point : *reply.data) {
            CHECK(point.cpu == 10);
            CHECK(point.memory == 20);
            CHECK(point.disk == 30);
            CHECK(point.net_rx == 1000);
            CHECK(point.net_tx == 500);
            CHECK(point.ping_ms == 15.0);
        }
        CHECK(
            reply.data->back().timestamp ==
            util::format_rfc3339(util::from_unix_seconds(proto::bucket_start(r.g, last)))
        );
        REQUIRE(reply.ping_targets.size() == 1);
        CHECK(reply.ping_targets[0].host == "1.1.1.1");
        REQUIRE(reply.ping_targets[0].data.size() == 1);
        CHECK(reply.ping_targets[0].data[0].latency_ms == 4.5);
        CHECK(reply.ping_targets[0].data[0].timestamp == reply.data->back().timestamp);
    }
}

TEST_CASE("a range without a gap is given whole, more than 720 points too") {
    fixture f;
    for (std::int64_t i = 0; i <= 720; ++i) {
        f.bucket("metrics_5sec", now / 5 - i);
    }
    const auto times = f.times("1h");
    CHECK(times.size() == 721);
    CHECK(times.front() == "2026-11-24T02:47:35Z");
    CHECK(times.back() == "2026-11-24T03:47:35Z");
}

TEST_CASE("with the limit of vStats the newest bucket of a range without a gap is missing") {
    const std::pair<std::string, std::size_t> limits[] = {
        {"1h", 720}, {"24h", 720}, {"", 720}, {"7d", 673}, {"30d", 720}, {"1y", 365}
    };
    for (const auto& r : ranges) {
        CAPTURE(r.name);
        fixture f{true};
        const auto last = proto::bucket_index(r.g, now);
        const auto first = proto::bucket_index(r.g, now - r.length);
        f.run("BEGIN");
        for (auto i = first; i <= last; ++i) {
            f.bucket(r.metrics, i);
            f.ping(r.ping, i, "'CF','h',9,9,1,1,0");
        }
        f.run("COMMIT");
        const auto limit =
            *std::ranges::find(limits, r.name, &std::pair<std::string, std::size_t>::first);
        const auto reply = f.read(r.name);
        const auto points = reply.data.value_or(std::vector<proto::history_point>{});
        CHECK(points.size() == limit.second);
        CHECK(
            points.size() == static_cast<std::size_t>(last - first) + (r.g == granularity::min15)
        );
        CHECK(points.front().timestamp == reply.ping_targets.at(0).data.front().timestamp);
        CHECK(reply.ping_targets.at(0).data.size() == static_cast<std::size_t>(last - first + 1));
        if (r.has_last_bucket) { // and its cure
            const auto some = f.read(r.name, "metrics", last - 1).data;
            CHECK(some.value_or(points).size() == 2);
        }
    }
}

TEST_CASE("since is the first bucket wanted, in the two fine ranges and not before their start") {
    fixture f;
    for (std::int64_t i = 0; i < 3; ++i) {
        f.bucket("metrics_5sec", now / 5 - i);
        f.bucket("metrics_2min", now / 120 - i);
        f.bucket("metrics_15min_agg", now / 900 - i);
        f.ping("ping_5sec", now / 5 - i, "'CF','h',1,1,1,1,0");
    }
    f.bucket("metrics_5sec", now / 5 - 721);
    CHECK(f.times("1h", now / 5 - 1).size() == 2);
    CHECK(f.times("1h", now / 5 + 1).empty());
    CHECK(f.times("1h", 1).size() == 3);
    CHECK(f.times("24h", now / 120 - 1).size() == 2);
    CHECK(f.times("7d", now / 900 - 1).size() == 3); // not honoured
    CHECK(f.read("1h", "all", 1).incremental);
    const auto pings = f.read("1h", "ping", now / 5);
    REQUIRE(pings.ping_targets.size() == 1);
    CHECK(pings.ping_targets[0].data.size() == 1);
}

TEST_CASE("type chooses metrics, pings or both") {
    fixture f;
    f.bucket("metrics_2min", now / 120);
    f.ping("ping_2min", now / 120, "'CF','h',1,1,1,1,0");
    CHECK(f.read("24h", "all").data.has_value());
    CHECK(f.read("24h", "all").ping_targets.size() == 1);
    CHECK(f.read("24h", "metrics").data.has_value());
    CHECK(f.read("24h", "metrics").ping_targets.empty());
    CHECK(!f.read("24h", "ping").data.has_value());
    CHECK(f.read("24h", "ping").ping_targets.size() == 1);
}

TEST_CASE("an unknown server has null data in every range, an unknown range has pings only") {
    fixture f;
    for (const auto& r : ranges) {
        const auto reply = f.read(r.name);
        CHECK(!reply.data.has_value());
        CHECK(reply.ping_targets.empty());
    }
    f.bucket("metrics_2min", now / 120);
    f.ping("ping_2min", now / 120, "'CF','h',1,1,1,1,0");
    const auto reply = f.read("2w");
    CHECK(reply.range == "2w");
    CHECK(!reply.data.has_value());
    CHECK(!reply.last_bucket.has_value());
    CHECK(reply.ping_targets.size() == 1);
}

TEST_CASE("a bucket without samples is zero, one without pings has no ping_ms") {
    fixture f;
    f.run(
        "INSERT INTO metrics_5sec (server_id,bucket,cpu_sum,net_rx) VALUES ('one'," +
        std::to_string(now / 5) + ",50,7)"
    );
    const auto reply = f.read("1h");
    REQUIRE(reply.data.has_value());
    const auto& point = reply.data->front();
    CHECK(point.cpu == 0);
    CHECK(point.net_rx == 7);
    CHECK(!point.ping_ms.has_value());
}

TEST_CASE("a ping point is an error as soon as one ping failed, null when none was answered") {
    fixture f;
    const auto last = now / 120;
    f.ping("ping_2min", last - 3, "'CF','first host',30,20,2,2,0");
    f.ping("ping_2min", last - 2, "'CF','second host',10,10,1,1,1");
    f.ping("ping_2min", last - 1, "'CF','second host',0,0,0,0,2");
    f.ping("ping_2min", last, "'A','a',5,5,1,1,0");
    const auto reply = f.read("24h", "ping");
    REQUIRE(reply.ping_targets.size() == 2);
    const auto& a = reply.ping_targets[0];
    const auto& cf = reply.ping_targets[1];
    CHECK(a.name == "A");
    CHECK(a.data.size() == 1);
    CHECK(cf.name == "CF");
    CHECK(cf.host == "first host"); // of the oldest row
    const auto start = [&](std::int64_t bucket) {
        return util::format_rfc3339(util::from_unix_seconds(bucket * 120));
    };
    const std::vector<proto::history_ping_point> expected{
        {start(last - 3), 15.0, "ok"},
        {start(last - 2), 10.0, "error"},
        {start(last - 1), {}, "error"}
    };
    CHECK(cf.data == expected);
}

TEST_CASE("coarse ranges fall back to raw samples only while their table has nothing") {
    struct fallback {
        const char *range, *table;
        std::int64_t width, named; // seconds from its beginning that a point is named after
    };
    for (const auto& r :
         {fallback{"7d", "metrics_15min_agg", 900, 0},
          fallback{"30d", "metrics_hourly_agg", 3600, 0},
          fallback{"1y", "metrics_daily_agg", 43200, 1}}) {
        CAPTURE(r.range);
        fixture f;
        const auto point = now / r.width * r.width;
        f.raw(point + 1, 10, 100);
        f.raw(point + 6, 20, 350);
        f.raw(point - 1, 7, 90);
        f.raw(now - 86400 - 10, 99, 1); // a day is all that raw samples are kept
        const auto reply = f.read(r.range, "metrics");
        REQUIRE(reply.data.has_value());
        REQUIRE(reply.data->size() == 2);
        const auto& last = reply.data->back();
        CHECK(last.timestamp == util::format_rfc3339(util::from_unix_seconds(point + r.named)));
        CHECK(last.cpu == 15);
        CHECK(last.net_rx == 250); // the difference inside, not the counter
        CHECK(!last.ping_ms.has_value());
        CHECK(reply.data->front().cpu == 7);
        f.run(
            "INSERT INTO " + std::string{r.table} +
            " (server_id,bucket) VALUES ('one',999999999999)"
        );
        CHECK(!f.read(r.range, "metrics").data.has_value()); // present, though beyond any calendar
    }
    fixture fine;
    fine.raw(now, 10, 100);
    CHECK(!fine.read("1h").data.has_value());
    CHECK(!fine.read("24h").data.has_value());
}

TEST_CASE("raw pings are the fallback of the coarse ping tables") {
    fixture f;
    const auto point = now / 3600 * 3600;
    for (const char* rest : {"'h',10,0,'ok'", "'h',20,0,'ok'", "'h',NULL,100,'timeout'"}) {
        f.run(
            "INSERT INTO ping_raw (server_id,timestamp,target_name,target_host,latency_ms,"
            "packet_loss,status,bucket_5min,bucket_5sec) VALUES ('one','-','CF'," +
            std::string{rest} + ",0," + std::to_string(point / 5) + ")"
        );
    }
    const auto reply = f.read("30d", "ping");
    REQUIRE(reply.ping_targets.size() == 1);
    const std::vector<proto::history_ping_point> expected{
        {util::format_rfc3339(util::from_unix_seconds(point)), 15.0, "error"}
    };
    CHECK(reply.ping_targets[0].data == expected);
    CHECK(f.read("24h", "ping").ping_targets.empty());
}

TEST_CASE("time stamps sent as buckets show in their far years, or not at all") {
    fixture f;
    f.bucket("metrics_5sec", now);
    f.bucket("metrics_2min", now);
    f.bucket("metrics_15min_agg", now);
    CHECK(f.times("1h") == std::vector<std::string>{"2254-06-26T18:57:55Z"});
    CHECK(f.times("24h") == std::vector<std::string>{"8797-08-16T23:10:00Z"});
    CHECK(f.times("7d").empty());
    // No bucket is too large to be asked for.
    fixture g;
    for (const char* table : {"metrics_5sec", "metrics_2min"}) {
        g.bucket(table, INT64_MAX);
        g.bucket(table, INT64_MAX / 5 + 1);
        g.bucket(table, INT64_MAX / 120 + 1);
    }
    g.ping("ping_2min", INT64_MAX, "'CF','h',1,1,1,1,0");
    CHECK(g.times("1h").empty());
    CHECK(g.times("24h").empty());
    CHECK(g.read("24h", "ping").ping_targets.empty());
}

TEST_CASE("sums beyond every percentage are still numbers in JSON") {
    fixture f;
    f.run(
        "INSERT INTO metrics_5sec (server_id,bucket,cpu_sum,memory_sum,ping_sum,ping_count,"
        "sample_count) VALUES ('one'," +
        std::to_string(now / 5) + ",1e300,-1e300,9e999,1,1)"
    );
    f.ping("ping_5sec", now / 5, "'CF','h',9e999,1,1,1,0");
    const auto text = proto::to_json(f.read("1h"));
    const auto back = proto::decode<proto::history_reply>(text);
    REQUIRE_MESSAGE(back.has_value(), text);
    CHECK(back->data->front().cpu > 1e38F);
    CHECK(back->data->front().memory < -1e38F);
    CHECK(back->data->front().ping_ms.value() > 1e308);
    CHECK(back->ping_targets.at(0).data.at(0).latency_ms.value() > 1e308);
}
