#include "report/json.hpp"

#include "example.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

using namespace vsim;
using simdjson::dom::element;

namespace {

struct document {
    simdjson::dom::parser parser;
    element root;

    explicit document(const report::run_result& r) {
        const auto text = report::to_json(r);
        REQUIRE(text.ends_with("}\n"));
        REQUIRE(parser.parse(text).get(root) == simdjson::SUCCESS);
    }
    double number(const char* pointer) const { return double(root.at_pointer(pointer)); }
    std::string_view text(const char* pointer) const { return root.at_pointer(pointer); }
    bool has(const char* pointer) const {
        return root.at_pointer(pointer).error() == simdjson::SUCCESS;
    }
};

} // namespace

TEST_CASE("the summary holds what the run held, in its units") {
    const document d{test::example_run()};
    CHECK(d.number("/schema") == 1);
    CHECK(d.text("/tool/name") == "vstats-sim");
    CHECK(
        d.text("/run/started_at") == util::format_rfc3339(util::from_unix_seconds(1'795'500'000), 3)
    );
    CHECK(d.number("/run/duration_s") == 70.213);
    CHECK(d.number("/run/history_s") == 7200);
    CHECK(d.number("/run/exit_code") == 98);
    CHECK(d.text("/run/verdict") == "invalid");
    CHECK(d.number("/findings/0/exit_code") == 98);
    CHECK(d.text("/phases/3/name") == "ramp");
    CHECK(d.number("/phases/3/took_s") == 2.1);
    CHECK(d.number("/fleet/connected_peak") == 4998);
    CHECK(d.number("/fleet/disconnects") == 7);
    CHECK(d.number("/fleet/reconnects") == 6);
    CHECK(d.number("/messages/metrics/sent") == 103'500);
    CHECK(d.number("/messages/metrics/missed") == 12);
    CHECK(d.number("/messages/metrics/late") == 8);
    CHECK(d.number("/messages/fences/sent") == 103'400);
    CHECK(d.number("/messages/fences/answered") == 103'399);
    CHECK(d.number("/messages/aggregated/buckets") == 85'000);
    CHECK(d.number("/messages/history/bytes") == 7'280'000'000);
    CHECK(d.number("/messages/batch/sent") == 40);
    CHECK(d.number("/messages/batch/accepted") == 1990);
    CHECK(d.number("/messages/batch/rejected") == 10);
    CHECK(d.number("/messages/received/configs") == 9);
    CHECK(d.number("/messages/received/commands") == 3);
    CHECK(d.number("/faults/churned") == 5);
    CHECK(d.number("/faults/cut") == 4);
    CHECK(d.number("/faults/double_logins") == 2);
    CHECK(d.number("/server_process/pid") == 4711);
    CHECK(d.text("/server_process/name") == "vstats-server");
    CHECK(d.number("/server_process/cpu_s") == 12.34);
    CHECK(d.number("/server_process/cpu_live_s") == 10.35);
    CHECK(d.number("/server_process/cpu_us_per_message") == 100);
    CHECK(d.number("/server_process/rss_start_bytes") == 12'000'000);
    CHECK(d.number("/server_process/rss_peak_bytes") == 90'000'000);
    CHECK(d.number("/server_process/rss_per_agent_bytes") == 15'606);
    CHECK(d.number("/server_process/threads_peak") == 11);
    CHECK(d.number("/server_process/fds_peak") == 5012);
    CHECK(d.number("/server_process/read_bytes") == 0);
    CHECK(d.number("/server_process/written_bytes") == 73'000'000);
    CHECK(d.text("/incidents/0/kind") == "cpu");
    CHECK(d.text("/incidents/0/started_at") == "2026-11-24T06:00:00.000Z");
    CHECK(d.text("/incidents/0/ended_at") == "2026-11-24T06:00:30.500Z");
    CHECK(d.text("/incidents/0/agents/1") == "Debug-Server-017");
    CHECK(d.text("/outages/0/kind") == "half-open");
    CHECK_FALSE(d.has("/outages/0/agents/0"));
    CHECK(d.number("/latency_ms/send_lag/count") == 1000);
    CHECK(d.number("/latency_ms/send_lag/min") == 0.13);
    CHECK(d.number("/latency_ms/send_lag/p99") == doctest::Approx(128.7).epsilon(0.001));
    CHECK(d.number("/latency_ms/send_lag/max") == 130);
    CHECK(d.number("/latency_ramp_ms/send_lag/max") == 170);
    CHECK_FALSE(d.has("/latency_ramp_ms/connect"));
    CHECK_FALSE(bool(d.root.at_pointer("/honesty/valid")));
    CHECK(d.text("/honesty/reasons/0") == "the generator was late");
    CHECK(d.text("/honesty/warnings/0").starts_with("8 samples were skipped"));
    CHECK(d.number("/honesty/max_lag_ms") == 100);
    CHECK(d.number("/honesty/own_lag_p99_ms") == 131);
    CHECK(d.number("/honesty/late") == 8);
    CHECK(d.number("/honesty/cpu_pct") == 23.46);
    CHECK(d.number("/honesty/threads_busy/1") == 0.125);
    CHECK(d.number("/honesty/threads_waiting/0") == 0.5);
    CHECK(d.number("/honesty/machine_pct") == 99.5);
    CHECK(d.number("/honesty/steal_pct") == 1.25);
    CHECK(d.number("/freshness/viewers") == 3);
    CHECK(d.number("/freshness/connected") == 2);
    CHECK(d.number("/freshness/disconnects") == 1);
    CHECK(d.number("/freshness/agents") == 4998);
    CHECK(d.number("/freshness/never_seen") == 4);
    CHECK(d.number("/freshness/false_offline") == 8);
    CHECK(d.number("/freshness/floor_s") == 5);
    CHECK(d.number("/freshness/seen") == 180'000);
    CHECK(d.number("/freshness/unmatched") == 6);
    CHECK(d.number("/freshness/messages") == 15'033);
    CHECK(d.number("/readers/readers") == 20);
    CHECK(d.number("/readers/reads") == 41);
    CHECK(d.number("/readers/bytes") == 8'200'000);
    CHECK(d.text("/errors/1/kind") == "connect.unreachable");
    CHECK(d.number("/errors/1/count") == 1234);
    CHECK(d.number("/process/cpu_user_s") == 1.2);
    CHECK(d.number("/process/cpu_us_per_message") == 13.33);
    CHECK(d.number("/process/rss_per_agent_bytes") == 10'000);
    CHECK(d.number("/process/max_fds") == 5023);
    CHECK(d.text("/thresholds/0/expr") == "fence.p99<50ms");
    CHECK(d.number("/thresholds/0/value") == 31.25);
    CHECK(d.number("/thresholds/0/limit") == 50);
    CHECK(bool(d.root.at_pointer("/thresholds/0/ok")));
    CHECK_FALSE(bool(d.root.at_pointer("/thresholds/1/ok")));
    CHECK_FALSE(d.has("/thresholds/2/value"));
    CHECK(d.text("/thresholds/2/note") == "--viewers is 0");
    CHECK_FALSE(d.has("/capacity"));
    CHECK(d.number("/timeseries/1/send_lag_p99") == 4.321);
}

TEST_CASE("verification tells sums, every granularity and examples") {
    const document d{test::example_run()};
    CHECK(d.number("/verify/agents") == 5000);
    CHECK(d.number("/verify/buckets_expected") == 7'205'000 + 5000 + 36'025'000 + 103'500);
    CHECK(d.number("/verify/missing") == 12);
    CHECK(d.number("/verify/altered") == 3);
    CHECK(d.number("/verify/foreign") == 1);
    CHECK(d.number("/verify/twice") == 4);
    CHECK(d.number("/verify/late") == 5);
    CHECK(d.number("/verify/took_s") == 31.25);
    CHECK(d.text("/verify/metrics/1/granularity") == "daily");
    CHECK(d.number("/verify/samples/0/missing") == 2);
    CHECK(d.text("/verify/examples/0/field") == "cpu_sum");
    CHECK(d.number("/verify/examples/0/found") == 31.5);
    CHECK(d.text("/verify/examples/1/target") == "Cloudflare");
    CHECK_FALSE(d.has("/verify/examples/1/field"));
}

TEST_CASE("what was not measured is absent") {
    const document full{test::example_run()};
    CHECK_FALSE(full.has("/fleet/time_to_all_connected_s"));
    CHECK_FALSE(full.has("/latency_ms/register"));
    CHECK(full.has("/timeseries/0"));
    CHECK_FALSE(full.has("/timeseries/0/send_lag_p99"));

    const document failed{test::failed_run()};
    CHECK(failed.text("/run/verdict") == "fail");
    CHECK_FALSE(failed.has("/run/history_s"));
    CHECK_FALSE(failed.has("/freshness"));
    CHECK_FALSE(failed.has("/readers"));
    CHECK_FALSE(failed.has("/verify"));
    CHECK_FALSE(failed.has("/latency_ms/connect"));
    CHECK_FALSE(failed.has("/latency_ramp_ms"));
    CHECK_FALSE(failed.has("/honesty"));
    CHECK_FALSE(failed.has("/process/cpu_us_per_message"));
    CHECK_FALSE(failed.has("/process/rss_per_agent_bytes"));
    CHECK_FALSE(failed.has("/process/max_fds"));
}

TEST_CASE("figures that would hold the embedded server's share are absent") {
    auto r = test::example_run();
    r.run.embedded = true;
    const document d{r};
    CHECK(bool(d.root.at_pointer("/run/embedded")));
    CHECK_FALSE(d.has("/process/cpu_us_per_message"));
    CHECK_FALSE(d.has("/process/rss_per_agent_bytes"));
}
