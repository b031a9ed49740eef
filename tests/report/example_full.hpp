#pragma once
// The made-up run with everything in it that may be absent, and with text that wants to break out
// of whatever it is put into.

#include "example.hpp"
#include "stats/histogram_codec.hpp"

namespace vsim::test {

inline constexpr auto hostile = "</script><script>alert(\"1\" & '2')</script>,\n{{data}}@PAGE@";

inline report::run_result full_run() {
    using namespace std::chrono_literals;
    auto r = example_run();
    r.run.command_line += hostile;
    r.stats.errors["protocol.odd"] = {1, hostile};
    r.exit_code = 97;
    r.findings.push_back({97, std::string{"3 rows are missing: "} + hostile});
    r.incidents.push_back({"memory", r.run.started_at + 1s, r.run.started_at + 2s, {hostile}});
    r.trust = {
        .is_judged = true,
        .is_valid = false,
        .reasons = {"the generator was late"},
        .warnings = {"a core was taken by others"},
        .max_lag = 100ms,
        .own_lag_p99 = 131ms,
        .cpu_pct = 41.5,
        .threads_busy = {0.21, 0.97},
        .steal_pct = 3.5,
        .machine_pct = 88,
    };
    const auto start = r.run.started_at;
    r.verified = report::verification{
        .source = "http://127.0.0.1:3001",
        .agents = 5000,
        .metrics = {{"5sec", 60'000, 59'997, 3, 1, 0}, {"2min", 5000, 5000, 0, 0, 0}},
        .ping = {{"5sec", 12'345, 12'345, 0, 0, 7}},
        .twice = 2,
        .late = 11,
        .unreadable = 1,
        .agents_with_loss = 3,
        .examples =
            {{"missing", "5sec", "Debug-Server-017", "", 359'100'000, start, "", 0, 0, 0, hostile},
             {"altered",
              "5sec",
              "Debug-Server-003",
              "8.8.8.8",
              359'100'001,
              start,
              "rtt_sum",
              12.5,
              13.75,
              0.001,
              "the server rounds"}},
        .took = 4200ms,
    };
    r.freshness = report::freshness_facts{
        .viewers = 3,
        .connected = 2,
        .agents = 5000,
        .never_seen = 4,
        .false_offline = 1,
        .floor = 5s
    };
    r.server_process = report::watched_process{
        .pid = 4711,
        .name = "vstats-server",
        .has_ended = true,
        .cpu = 30s,
        .cpu_live = 28s,
        .rss_start_bytes = 20'000'000,
        .rss_peak_bytes = 345'000'000,
        .threads_peak = 14,
        .fds_peak = 5031,
        .read_bytes = 0,
        .written_bytes = 98'000'000,
        .cpu_us_per_message = 270.5,
        .rss_per_agent_bytes = 65'000,
    };
    r.thresholds = {
        {.expression = "fence.p99<50ms", .value = 31.25, .limit = 50, .unit = "ms", .is_ok = true},
        {.expression = "errors.rate<0.1%", .value = 1.2, .limit = 0.1, .unit = "%"},
        {.expression = "freshness.p95<8s", .limit = 8, .unit = "s", .note = "--viewers is 0"},
    };
    return r;
}

// The same with its latencies in slices, the first half of each in one of 5 s.
inline report::run_result sliced_run() {
    using namespace std::chrono_literals;
    auto r = full_run();
    r.ramp = {};
    r.slices = {{0s, 5s, {}}, {5s, r.run.duration, {}}};
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        stats::histogram half[2];
        std::uint64_t n = 0;
        for (const auto& b : r.stats.latencies[i].buckets()) {
            half[n++ % 2].record(
                std::chrono::microseconds{static_cast<std::int64_t>(b.high_us)}, b.count
            );
        }
        for (std::size_t part = 0; part < 2; ++part) {
            if (half[part].count() > 0) {
                r.slices[part].encoded[i] = stats::encode(half[part]);
            }
        }
    }
    return r;
}

} // namespace vsim::test
