#include "server/writer.hpp"

#include "proto/decode.hpp"
#include "table.hpp"

#include <string>
#include <vector>

using namespace vsim;
using server::job;

namespace {

// Second 1795492055 is in 5sec bucket 359098411 and 2min bucket 14962433.
constexpr std::int64_t second = 1795492055;
const auto id = std::make_shared<const std::string>("one");

class fixture {
public:
    fixture() : w_{server::writer::open(file_.path()).value()} {}

    server::written apply(std::vector<job> jobs) {
        const auto done = w_.apply(jobs);
        REQUIRE_MESSAGE(done.has_value(), done.error().message);
        return *done;
    }
    std::string row(const std::string& sql) { return test::row(w_.db(), sql); }
    std::vector<std::string> column(const std::string& sql) { return test::column(w_.db(), sql); }
    // Sums, maxima, counters, pings and count of the only bucket.
    std::string bucket(const std::string& table) {
        return row(
            "SELECT bucket||' cpu '||cpu_sum||'/'||cpu_max||' memory '||memory_sum||'/'||memory_max"
            "||' disk '||disk_sum||' net '||net_rx||'/'||net_tx||' ping "
            "'||ping_sum||'/'||ping_count"
            "||' of '||sample_count FROM " +
            table
        );
    }
    std::string ping(const std::string& table) {
        return row(
            "SELECT bucket||' '||target_name||'@'||target_host||' '||latency_sum||'/'||latency_max"
            "||'/'||latency_count||' ok '||ok_count||' fail '||fail_count FROM " +
            table
        );
    }

private:
    test::db_file file_;
    server::writer w_;
};

job sample(
    float cpu, std::uint64_t rx = 0, std::optional<double> latency = {}, std::int64_t at = second
) {
    proto::system_metrics m;
    m.timestamp.at = util::from_unix_seconds(at);
    m.cpu.usage = cpu;
    m.memory.usage_percent = cpu * 2;
    m.disks.emplace_back().usage_percent = 30.5F;
    m.network.total_rx = rx;
    m.network.total_tx = rx / 2;
    m.load = {0.25, 0.5, 0.75};
    if (latency) {
        auto& target = m.ping.emplace().targets.emplace_back();
        target.name = "CF";
        target.host = "1.1.1.1";
        target.latency_ms = latency;
        target.status = "ok";
    }
    return server::sample_job{id, std::make_shared<const proto::system_metrics>(std::move(m))};
}

proto::metric_bucket bucket_of(double sum, double max, std::int64_t count, std::uint64_t rx = 0) {
    proto::metric_bucket b;
    b.bucket = second / 5;
    b.cpu_sum = sum;
    b.cpu_max = max;
    b.memory_sum = 2 * sum;
    b.memory_max = 2 * max;
    b.disk_sum = 30.5 * static_cast<double>(count);
    b.net_rx = rx;
    b.net_tx = rx / 2;
    b.sample_count = count;
    return b;
}

job aggregate(std::string granularity, std::vector<proto::metric_bucket> rows) {
    proto::granularity_data data;
    data.granularity = std::move(granularity);
    data.metrics = std::move(rows);
    return server::aggregate_job{id, {std::move(data)}};
}

job ping_aggregate(std::string host, double sum, double max, std::int64_t count) {
    proto::granularity_data data;
    data.granularity = "5sec";
    data.ping.push_back({second / 5, "CF", std::move(host), sum, max, count, count, 1});
    return server::aggregate_job{id, {std::move(data)}};
}

job from_text(const char* text) {
    auto message = std::get<proto::metrics_message>(proto::decode_agent_message(text).value());
    return server::sample_job{
        id, std::make_shared<const proto::system_metrics>(std::move(*message.metrics))
    };
}

} // namespace

TEST_CASE("three realtime samples, their aggregate and one more sample make 50 of 4") {
    fixture f;
    f.apply({sample(10), sample(12.5), sample(15)});
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_5sec") == "37.5/3");
    f.apply({aggregate("5sec", {bucket_of(37.5, 15, 3)})});
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_5sec") == "37.5/3");
    f.apply({sample(12.5)});
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_5sec") == "50.0/4");
    // The same in one transaction.
    fixture g;
    g.apply(
        {sample(10),
         sample(12.5),
         sample(15),
         aggregate("5sec", {bucket_of(37.5, 15, 3)}),
         sample(12.5)}
    );
    CHECK(g.row("SELECT cpu_sum||'/'||sample_count FROM metrics_5sec") == "50.0/4");
    CHECK(g.row("SELECT cpu_sum||'/'||sample_count FROM metrics_2min") == "50.0/4");
}

TEST_CASE("an aggregate first and its samples later count twice until the next aggregate") {
    fixture f;
    f.apply({aggregate("5sec", {bucket_of(20, 12, 2)}), sample(8), sample(12)});
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_5sec") == "40.0/4");
    f.apply({aggregate("5sec", {bucket_of(20, 12, 2)})});
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_5sec") == "20.0/2");
}

TEST_CASE("realtime adds sums and counts, and keeps maxima") {
    fixture f;
    f.apply({sample(10, 2000, 4.0), sample(20, 1000, 6.0)});
    f.apply({sample(5, 500)});
    const std::string expected =
        " cpu 35.0/20.0 memory 70.0/40.0 disk 91.5 net 2000/1000 ping 10.0/2 of 3";
    CHECK(f.bucket("metrics_5sec") == "359098411" + expected);
    CHECK(f.bucket("metrics_2min") == "14962433" + expected);
    for (const char* table : {"metrics_15min_agg", "metrics_hourly_agg", "metrics_daily_agg"}) {
        CHECK(f.bucket(table) == "none");
    }
}

TEST_CASE("an aggregate replaces sums and counts, and keeps maxima and counters") {
    fixture f;
    auto first = bucket_of(100, 40, 5, 2000);
    first.ping_sum = 50;
    first.ping_count = 5;
    auto second_one = bucket_of(30, 20, 2, 1000);
    second_one.ping_sum = 7;
    second_one.ping_count = 1;
    for (const auto& g : proto::granularities) {
        const std::string name{g.name};
        f.apply({aggregate(name, {first}), aggregate(name, {second_one})});
    }
    for (const char* table :
         {"metrics_5sec",
          "metrics_2min",
          "metrics_15min_agg",
          "metrics_hourly_agg",
          "metrics_daily_agg"}) {
        CAPTURE(table);
        CHECK(
            f.bucket(table) == "359098411 cpu 30.0/40.0 memory 60.0/80.0 disk 61.0 net 2000/1000 "
                               "ping 7.0/1 of 2"
        );
    }
}

TEST_CASE("granularities nobody knows are left out, the others of the message are not") {
    fixture f;
    proto::granularity_data unknown;
    unknown.granularity = "10sec";
    unknown.metrics.push_back(bucket_of(1, 1, 1));
    proto::granularity_data known;
    known.granularity = "daily";
    known.metrics.push_back(bucket_of(2, 2, 1));
    const auto done = f.apply({server::aggregate_job{id, {unknown, known}}});
    CHECK(done.rows == 1);
    CHECK(done.refused == 0);
    CHECK(f.row("SELECT cpu_sum FROM metrics_daily_agg") == "2.0");
}

TEST_CASE("a raw row has the sample's values, its own zone and both bucket columns") {
    fixture f;
    f.apply({from_text(
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:00:01.9+08:00","cpu":{"usage":12.5},)"
        R"("memory":{"usage_percent":50},"disks":[{"usage_percent":30.5},{"usage_percent":99}],)"
        R"("network":{"total_rx":1000,"total_tx":500},"load_average":{"one":0.1,"five":0.2,)"
        R"("fifteen":0.3},"ping":{"targets":[{"name":"a","host":"a","latency_ms":10,"status":"ok"},)"
        R"({"name":"b","host":"b","latency_ms":null,"status":"timeout"},)"
        R"({"name":"c","host":"c","latency_ms":20,"status":"ok"}]}}})"
    )});
    CHECK(
        f.row("SELECT server_id||' '||timestamp||' '||cpu_usage||' '||memory_usage||' '||"
              "disk_usage||' '||net_rx||' '||net_tx||' '||load_1||' '||load_5||' '||load_15||' '||"
              "ping_ms||' '||bucket_5min||' '||bucket_5sec FROM metrics_raw") ==
        "one 2026-11-24T03:00:01+08:00 12.5 50.0 30.5 1000 500 0.1 0.2 0.3 15.0 14962170 359092080"
    );
    f.apply({from_text(R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:00:01Z"}})")});
    CHECK(
        f.row("SELECT disk_usage||' '||ifnull(ping_ms,'NULL') FROM metrics_raw WHERE timestamp="
              "'2026-11-24T03:00:01Z'") == "0.0 NULL"
    );
}

TEST_CASE("the same realtime sample twice is two rows and counts twice") {
    fixture f;
    f.apply({sample(10), sample(10)});
    CHECK(f.row("SELECT count(*) FROM metrics_raw") == "2");
    CHECK(f.row("SELECT sample_count FROM metrics_5sec") == "2");
}

TEST_CASE("a sample without a timestamp is stored in the year 1") {
    fixture f;
    f.apply({from_text(R"({"type":"metrics","metrics":{"hostname":"x"}})")});
    CHECK(
        f.row("SELECT timestamp||' '||bucket_5sec FROM metrics_raw") ==
        "0001-01-01T00:00:00Z -12427119360"
    );
}

TEST_CASE("realtime pings replace their 5 s row, the greatest latency too") {
    fixture f;
    f.apply({sample(1, 0, 40.0)});
    CHECK(f.ping("ping_5sec") == "359098411 CF@1.1.1.1 40.0/40.0/1 ok 1 fail 0");
    f.apply({sample(1, 0, 10.0)});
    CHECK(f.ping("ping_5sec") == "359098411 CF@1.1.1.1 10.0/10.0/1 ok 1 fail 0");
    for (const char* table :
         {"ping_2min", "ping_15min_agg", "ping_hourly_agg", "ping_daily_agg", "ping_raw"}) {
        CAPTURE(table);
        CHECK(f.row("SELECT count(*) FROM " + std::string{table}) == "0");
    }
}

TEST_CASE("aggregated pings replace all but the greatest latency; the name is the key") {
    fixture f;
    f.apply({ping_aggregate("1.1.1.1", 100, 60, 4), ping_aggregate("1.0.0.1", 30, 20, 2)});
    CHECK(f.ping("ping_5sec") == "359098411 CF@1.0.0.1 30.0/60.0/2 ok 2 fail 1");
    f.apply({sample(1, 0, 10.0)}); // and realtime, whatever came before
    CHECK(f.ping("ping_5sec") == "359098411 CF@1.1.1.1 10.0/10.0/1 ok 1 fail 0");
}

TEST_CASE("a target that failed counts as failed, and its bucket is that of the ping") {
    fixture f;
    f.apply({from_text(
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:47:35Z","ping":{"timestamp":1000,)"
        R"("targets":[{"name":"a","host":"h","latency_ms":null,"packet_loss":100,"status":"timeout"},)"
        R"({"name":"b","host":"h","latency_ms":3,"status":"late"}]}}})"
    )});
    CHECK(
        f.column(
            "SELECT bucket||target_name||latency_sum||'/'||latency_count||ok_count||fail_count "
            "FROM ping_5sec ORDER BY target_name"
        ) == std::vector<std::string>{"200a0.0/001", "200b3.0/101"}
    );
    f.apply({from_text(
        R"({"type":"metrics","metrics":{"timestamp":"1970-01-01T01:00:00Z","ping":{"timestamp":0,)"
        R"("targets":[{"name":"c","host":"h","latency_ms":1,"status":"ok"}]}}})"
    )});
    CHECK(f.row("SELECT bucket FROM ping_5sec WHERE target_name='c'") == "720");
}

TEST_CASE("a sample's running ping totals replace the coarse rows, but not without targets") {
    const std::string totals =
        R"("agg_2min":[{"name":"CF","host":"h","bucket":7,"latency_sum":9,"latency_max":5,)"
        R"("latency_count":2,"ok_count":2,"fail_count":1}],"agg_15min":[{"name":"CF","host":"h",)"
        R"("bucket":8}],"agg_hourly":[{"name":"CF","host":"h","bucket":9}],)"
        R"("agg_daily":[{"name":"CF","host":"h","bucket":10}])";
    const auto message = [&](const std::string& targets) {
        return R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:47:35Z","ping":{"targets":[)" +
               targets + "]," + totals + "}}}";
    };
    fixture f;
    f.apply({from_text(message("").c_str())});
    CHECK(f.row("SELECT count(*) FROM ping_2min") == "0");
    f.apply({from_text(message(R"({"name":"CF","host":"h","latency_ms":1,"status":"ok"})").c_str())}
    );
    CHECK(f.ping("ping_2min") == "7 CF@h 9.0/5.0/2 ok 2 fail 1");
    CHECK(f.row("SELECT bucket FROM ping_15min_agg") == "8");
    CHECK(f.row("SELECT bucket FROM ping_hourly_agg") == "9");
    CHECK(f.row("SELECT bucket FROM ping_daily_agg") == "10");
}

TEST_CASE("a counter that no column can hold loses its row and no other") {
    fixture f;
    const auto most = static_cast<std::uint64_t>(INT64_MAX);
    auto done = f.apply({sample(1, most + 1), sample(2, most)});
    CHECK(done.refused == 3);
    CHECK(f.row("SELECT net_rx FROM metrics_raw") == std::to_string(most));
    auto bad = bucket_of(1, 1, 1, most + 1);
    auto good = bucket_of(2, 2, 1, 5);
    good.bucket = 7;
    done = f.apply({aggregate("hourly", {bad, good})});
    CHECK(done.refused == 1);
    CHECK(done.rows == 1);
    CHECK(f.row("SELECT bucket||' '||cpu_sum FROM metrics_hourly_agg") == "7 2.0");
}

TEST_CASE("servers are separate, also in the same bucket") {
    fixture f;
    auto other = std::get<server::sample_job>(sample(3));
    other.id = std::make_shared<const std::string>("two");
    f.apply({sample(1), other});
    CHECK(
        f.column("SELECT server_id||cpu_sum FROM metrics_5sec ORDER BY 1") ==
        std::vector<std::string>{"one1.0", "two3.0"}
    );
}

TEST_CASE("a queue is measured in rows") {
    CHECK(server::weight(sample(1)) == 3);
    CHECK(server::weight(sample(1, 0, 5.0)) == 4);
    CHECK(server::weight(aggregate("5sec", {})) == 1);
    CHECK(server::weight(aggregate("5sec", {bucket_of(1, 1, 1), bucket_of(1, 1, 1)})) == 3);
    CHECK(server::weight(server::remove_server_job{"x"}) == 1);
}

TEST_CASE("configured servers and settings are kept, changed and removed") {
    fixture f;
    f.apply(
        {server::save_server_job{"b", 1, "B", true},
         server::save_server_job{"a", 0, "A", true},
         server::save_server_job{"b", 1, "B2"},
         server::save_server_job{"c", 2, "C", true},
         server::remove_server_job{"c"},
         server::save_server_job{"c", 2, "late"}, // was on its way when the server was removed
         server::save_setting_job{"probe", "1"},
         server::save_setting_job{"probe", "2"}}
    );
    CHECK(
        f.column("SELECT id||object FROM config_servers ORDER BY position") ==
        std::vector<std::string>{"aA", "bB2"}
    );
    CHECK(f.row("SELECT value FROM config_settings WHERE name='probe'") == "2");
}
