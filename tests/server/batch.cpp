// batch_metrics: what is counted, what is stored (protocol.md 2.8).

#include "proto/decode.hpp"
#include "server/rows.hpp"
#include "server/writer.hpp"
#include "table.hpp"

#include <string>
#include <vector>

using namespace vsim;

namespace {

const auto id = std::make_shared<const std::string>("one");

server::batch_content content_of(const std::string& text) {
    auto m = proto::decode_agent_message(R"({"type":"batch_metrics",)" + text + "}");
    REQUIRE_MESSAGE(m.has_value(), m.error().message);
    return server::take_batch(std::move(std::get<proto::batch_message>(*m)));
}

class fixture {
public:
    fixture() : w_{server::writer::open(file_.path()).value()} {}

    server::written apply(const std::string& text) {
        std::vector<server::job> jobs;
        jobs.push_back(server::batch_job{id, content_of(text)});
        const auto done = w_.apply(jobs);
        REQUIRE(done.has_value());
        return *done;
    }
    std::string row(const std::string& sql) { return test::row(w_.db(), sql); }
    std::vector<std::string> column(const std::string& sql) { return test::column(w_.db(), sql); }

private:
    test::db_file file_;
    server::writer w_;
};

std::string item(const std::string& time, double cpu) {
    return R"({"timestamp":")" + time +
           R"(","metrics":{"timestamp":"2020-01-01T00:00:00Z","cpu":{"usage":)" +
           std::to_string(cpu) + "}}}";
}

} // namespace

TEST_CASE(
    "items without metrics, with a bad time and null aggregates are rejected, the rest accepted"
) {
    struct expected {
        const char* text;
        std::int64_t accepted, rejected;
    };
    const expected cases[] = {
        {R"("batch_id":"b")", 0, 0},
        {R"("metrics_batch":[{"timestamp":"2026-11-24T02:00:00Z","metrics":{}}])", 1, 0},
        {R"("metrics_batch":[{"timestamp":"2026-11-24T02:00:00Z"}])", 0, 1},
        {R"("metrics_batch":[{"timestamp":"2026-11-24T02:00:00Z","metrics":null}])", 0, 1},
        {R"("metrics_batch":[{"timestamp":"yesterday","metrics":{}},{"metrics":{}}])", 0, 2},
        {R"("aggregated":[null,{"start_time":"2026-11-24T02:00:00Z"},null])", 1, 2},
        {R"("aggregated":[{"start_time":"yesterday"}])", 1, 0}, // and lost
        {R"("metrics_batch":[{"timestamp":"2026-11-24T02:00:00Z","metrics":{}},{}],"aggregated":[{}])",
         2,
         1},
    };
    for (const auto& c : cases) {
        CAPTURE(c.text);
        const auto content = content_of(c.text);
        CHECK(content.accepted == c.accepted);
        CHECK(content.rejected == c.rejected);
    }
}

TEST_CASE("the agent shows the last item, or without items what the last aggregate carries") {
    const std::string aggregate =
        R"("aggregated":[{"start_time":"2026-11-24T02:00:00Z","last_metrics":{"uptime":3}}])";
    const auto one = item("2026-11-24T02:00:00Z", 1);
    CHECK(!content_of("\"metrics_batch\":[" + one + ",{}]," + aggregate).newest);
    const auto undated = content_of("\"metrics_batch\":[" + one + "," + item("soon", 4) + "]");
    REQUIRE(undated.newest);
    CHECK(undated.newest->cpu.usage == 4); // rejected, yet shown
    const auto lost =
        content_of(R"("aggregated":[{"start_time":"then","last_metrics":{"uptime":5}}])");
    REQUIRE(lost.newest);
    CHECK(lost.newest->uptime == 5);
    const auto both = content_of(
        "\"metrics_batch\":[" + item("2026-11-24T02:00:00Z", 1) + "," +
        item("2026-11-24T02:00:10Z", 2) + "]," + aggregate
    );
    REQUIRE(both.newest);
    CHECK(both.newest->cpu.usage == 2);
    const auto aggregates = content_of(aggregate);
    REQUIRE(aggregates.newest);
    CHECK(aggregates.newest->uptime == 3);
    CHECK(!content_of(R"("batch_id":"x")").newest);
}

TEST_CASE("an item's own time counts, and one of the same 5 s is left out") {
    fixture f;
    const auto done = f.apply(
        "\"metrics_batch\":[" + item("2026-11-24T02:00:00Z", 10) + "," +
        item("2026-11-24T02:00:04Z", 20) + "," + item("2026-11-24T02:00:05Z", 40) + "]"
    );
    CHECK(done.skipped == 1);
    CHECK(
        f.column("SELECT timestamp||' '||cpu_usage FROM metrics_raw ORDER BY 1") ==
        std::vector<std::string>{"2026-11-24T02:00:00Z 10.0", "2026-11-24T02:00:05Z 40.0"}
    );
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_2min") == "50.0/2");
    const auto again = f.apply("\"metrics_batch\":[" + item("2026-11-24T02:00:00Z", 10) + "]");
    CHECK(again.skipped == 1);
    CHECK(again.rows == 0);
}

TEST_CASE("an item's targets are raw rows and fine pings; its running totals are ignored") {
    fixture f;
    f.apply(
        R"("metrics_batch":[{"timestamp":"2026-11-24T03:47:35Z","metrics":{"ping":{"timestamp":1,)"
        R"("targets":[{"name":"CF","host":"h","latency_ms":4,"packet_loss":33.5,"status":"ok"},)"
        R"({"name":"G","host":"g","latency_ms":null,"packet_loss":100,"status":"error"}],)"
        R"("agg_2min":[{"name":"X","host":"x","bucket":1}]}}}])"
    );
    CHECK(
        f.column(
            "SELECT timestamp||' '||target_name||target_host||' '||ifnull(latency_ms,'NULL')||' '"
            "||packet_loss||status||' '||bucket_5min||' '||bucket_5sec FROM ping_raw ORDER BY id"
        ) ==
        std::vector<std::string>{
            "2026-11-24T03:47:35Z CFh 4.0 33.5ok 14962433 359098411",
            "2026-11-24T03:47:35Z Gg NULL 100.0error 14962433 359098411"
        }
    );
    const std::vector<std::string> pings{"CF 4.0/1 1 0", "G 0.0/0 0 1"};
    const std::string what =
        "SELECT target_name||' '||latency_sum||'/'||latency_count||' '||ok_count||"
        "' '||fail_count FROM ";
    CHECK(f.column(what + "ping_5sec WHERE bucket=359098411 ORDER BY 1") == pings);
    CHECK(f.column(what + "ping_2min WHERE bucket=14962433 ORDER BY 1") == pings);
    CHECK(f.row("SELECT count(*) FROM ping_2min") == "2");
}

TEST_CASE("an aggregate fills a 2 min bucket that is empty and changes none that is not") {
    fixture f;
    const std::string text =
        R"("aggregated":[{"start_time":"2026-11-24T01:00:00Z","end_time":"2026-11-24T01:01:00Z",)"
        R"("sample_count":12,"cpu_avg":10,"cpu_max":20,"memory_avg":40,"memory_max":42,"disk_avg":30,)"
        R"("net_rx_max":5,"net_tx_max":6,"ping_avg":12.5,"last_metrics":{"cpu":{"usage":7}}}])";
    auto done = f.apply(text);
    CHECK(done.skipped == 0);
    const std::string bucket = "SELECT bucket||' '||cpu_sum||'/'||cpu_max||' "
                               "'||memory_sum||'/'||memory_max||' '||disk_sum||' '"
                               "||net_rx||'/'||net_tx||' '||ping_sum||'/'||ping_count||' "
                               "'||sample_count FROM metrics_2min "
                               "WHERE sample_count=12";
    // 01:00 is a bucket of 2 min; the last sample at 01:01 falls into it as well, one more.
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_2min") == "127.0/13");
    CHECK(f.row("SELECT timestamp||' '||cpu_usage FROM metrics_raw") == "2026-11-24T01:01:00Z 7.0");
    done = f.apply(text);
    CHECK(done.skipped == 2);
    CHECK(f.row("SELECT cpu_sum||'/'||sample_count FROM metrics_2min") == "127.0/13");

    fixture g;
    g.apply(
        R"("aggregated":[{"start_time":"2026-11-24T01:00:00Z","sample_count":12,"cpu_avg":10,"cpu_max":20,)"
        R"("memory_avg":40,"memory_max":42,"disk_avg":30,"net_rx_max":5,"net_tx_max":6,"ping_avg":12.5}])"
    );
    CHECK(g.row(bucket) == "14962350 120.0/20.0 480.0/42.0 360.0 5/6 0.0/0 12");
}

TEST_CASE("an aggregate whose end cannot be read ends a minute after its start") {
    fixture f;
    f.apply(R"("aggregated":[{"start_time":"2026-11-24T01:00:30+02:00","end_time":"later",)"
            R"("last_metrics":{"cpu":{"usage":7}}}])");
    CHECK(f.row("SELECT timestamp FROM metrics_raw") == "2026-11-24T01:01:30+02:00");
}
