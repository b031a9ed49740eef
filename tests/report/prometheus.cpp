#include "report/prometheus.hpp"

#include "example_full.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

report::live_facts example() {
    const auto r = test::full_run();
    report::live_facts live;
    live.tool = r.tool;
    live.started_at = r.run.started_at;
    live.phase = "run";
    live.agents_requested = 5000;
    live.agents_online = 4998;
    live.usage.rss_bytes = 40'000'000;
    live.usage.cpu_user = 1500ms;
    live.stats = r.stats;
    return live;
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != text.npos;
}

} // namespace

TEST_CASE("counters, gauges, errors and the phase are lines of the text format") {
    const auto text = report::to_prometheus(example());
    for (const auto* line :
         {"# TYPE vstats_sim_metrics_sent_total counter",
          "vstats_sim_metrics_sent_total 103500",
          "vstats_sim_agents_online 4998",
          "vstats_sim_agents_requested 5000",
          "vstats_sim_process_resident_memory_bytes 40000000",
          "vstats_sim_process_cpu_seconds_total 1.5",
          "vstats_sim_start_time_seconds 1795500000",
          "vstats_sim_errors_total{kind=\"auth.refused\"} 2",
          "vstats_sim_phase{phase=\"run\"} 1",
          "vstats_sim_phase{phase=\"ramp\"} 0",
          "vstats_sim_build_info{build=\"release\",version=\"0.1.0\"} 1"}) {
        CAPTURE(line);
        CHECK(has_line(text, line));
    }
}

TEST_CASE("a latency is a histogram in seconds whose buckets add up") {
    const auto text = report::to_prometheus(example());
    for (const auto* line :
         {"# TYPE vstats_sim_send_lag_seconds histogram",
          "vstats_sim_send_lag_seconds_bucket{le=\"0.001\"} 7", // 130, 260 ... 910 µs
          "vstats_sim_send_lag_seconds_bucket{le=\"60\"} 1000",
          "vstats_sim_send_lag_seconds_bucket{le=\"+Inf\"} 1000",
          "vstats_sim_send_lag_seconds_count 1000"}) {
        CAPTURE(line);
        CHECK(has_line(text, line));
    }
    CHECK(text.find("vstats_sim_history_read_seconds") == text.npos);
}

TEST_CASE("however many kinds of errors there are, labels stay few") {
    auto live = example();
    for (int i = 0; i < 1000; ++i) {
        live.stats.errors["kind." + std::to_string(i)] = {1, ""};
    }
    const auto text = report::to_prometheus(live);
    std::size_t lines = 0;
    for (auto at = text.find("vstats_sim_errors_total{"); at != text.npos;
         at = text.find("vstats_sim_errors_total{", at + 1)) {
        ++lines;
    }
    CHECK(lines == 101);
    CHECK(text.find("kind=\"other\"} 90") != text.npos);
}
