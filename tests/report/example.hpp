#pragma once
// A made-up run for the reports to be made from: every member has a value of its own.

#include "report/run_result.hpp"

namespace vsim::test {

inline report::run_result example_run() {
    using namespace std::chrono_literals;
    using report::verification;
    using stats::counter;
    report::run_result r;
    r.tool = {.version = "0.1.0", .build = "release"};
    r.run.mode = "both";
    r.run.server = "http://127.0.0.1:3001";
    r.run.count = 5000;
    r.run.history = 2h;
    r.run.interval = 3s;
    r.run.agg_interval = 60s;
    r.run.seed = 1;
    r.run.threads = 2;
    r.run.io_contexts = 1;
    r.run.command_line = "vstats-sim run --count 5000 --duration 60s --token *** --out "
                         "json=/var/lib/reports/2026-11-24/vstats-sim-5000.json --no-color";
    r.run.started_at = util::from_unix_seconds(1'795'500'000);
    r.run.ended_at = util::from_unix_seconds(1'795'500'070);
    r.run.duration = 70'213ms;
    r.run.stopped_by = "duration";
    r.exit_code = 98;
    r.findings = {
        {98,
         "the generator was late: the p99 of its own lag was 131 ms, more than the 100 ms that a "
         "valid run may have (--max-lag)"},
    };
    r.phases = {
        {"cleanup", 213ms}, {"register", 1040ms}, {"history", 6s}, {"ramp", 2100ms}, {"run", 60s}
    };
    r.fleet = {
        .requested = 5000,
        .registered = 5000,
        .connected_peak = 4998,
        .never_connected = 2,
        .time_to_all_connected = {}
    };
    auto& c = r.stats.counters;
    const auto set = [&c](counter which, std::uint64_t n) {
        c[static_cast<std::size_t>(which)] = n;
    };
    set(counter::agents_disconnected, 7);
    set(counter::reconnects, 6);
    set(counter::metrics_sent, 103'500);
    set(counter::metrics_bytes, 170'775'000);
    set(counter::metrics_missed, 12);
    set(counter::metrics_late, 8);
    set(counter::fences_sent, 103'400);
    set(counter::fences_answered, 103'399);
    set(counter::aggregated_sent, 5000);
    set(counter::aggregated_bytes, 92'500'000);
    set(counter::aggregated_buckets, 85'000);
    set(counter::history_sent, 5000);
    set(counter::history_bytes, 7'280'000'000);
    set(counter::history_buckets, 7'575'000);
    set(counter::history_agents_done, 5000);
    set(counter::messages_received, 10'012);
    set(counter::batch_sent, 40);
    set(counter::batch_bytes, 80'000);
    set(counter::batch_accepted, 1990);
    set(counter::batch_rejected, 10);
    set(counter::configs_received, 9);
    set(counter::commands_received, 3);
    set(counter::agents_churned, 5);
    set(counter::agents_cut, 4);
    set(counter::double_logins, 2);
    set(counter::viewers_disconnected, 1);
    set(counter::viewer_messages, 15'033);
    set(counter::viewer_bytes, 31'000'000);
    set(counter::samples_seen, 180'000);
    set(counter::samples_unmatched, 6);
    set(counter::history_reads, 41);
    set(counter::history_read_bytes, 8'200'000);
    r.freshness = {
        .viewers = 3,
        .connected = 2,
        .agents = 4998,
        .never_seen = 4,
        .false_offline = 8,
        .floor = 5s
    };
    r.readers = 20;
    const auto noon = util::from_unix_seconds(1'795'500'000);
    r.incidents = {{"cpu", noon, noon + 30'500ms, {"Debug-Server-003", "Debug-Server-017"}}};
    r.outages = {{"half-open", noon, noon + 1s, {}}};
    for (int i = 1; i <= 1000; ++i) {
        r.stats.latencies[static_cast<std::size_t>(stats::latency::connect)].record(i * 1us);
        r.stats.latencies[static_cast<std::size_t>(stats::latency::send_lag)].record(i * 130us);
        r.stats.latencies[static_cast<std::size_t>(stats::latency::freshness)].record(i * 5ms);
        r.stats.latencies[static_cast<std::size_t>(stats::latency::freshness_excess)].record(
            i * 2ms
        );
        r.stats.latencies[static_cast<std::size_t>(stats::latency::fence_uncorrected)].record(
            i * 2us
        );
    }
    r.ramp[static_cast<std::size_t>(stats::latency::send_lag)].record(170ms);
    r.ramp[static_cast<std::size_t>(stats::latency::fence_uncorrected)].record(60ms);
    r.trust = {
        .is_judged = true,
        .is_valid = false,
        .reasons = {"the generator was late"},
        .warnings = {"8 samples were skipped because the generator came an interval late"},
        .max_lag = 100ms,
        .own_lag_p99 = 131ms,
        .late = 8,
        .cpu_pct = 23.456,
        .threads_busy = {0.25, 0.125},
        .threads_waiting = {0.5, 0.25},
        .steal_pct = 1.25,
        .machine_pct = 99.5
    };
    r.stats.errors = {
        {"auth.refused", {2, "server said: unknown agent"}},
        {"connect.unreachable",
         {1234, "127.0.0.1:3001: connection refused, after 3 attempts within 15 seconds"}},
    };
    r.process = {
        .cpu_user = 1200ms,
        .cpu_system = 2030ms,
        .cpu_live = 1380ms,
        .rss_peak_bytes = 61'000'000,
        .rss_start_bytes = 11'016'000,
        .max_fds = 5023
    };
    r.host = {
        .cpu_model = "Example CPU @ 2.50GHz",
        .cores = 2,
        .memory_bytes = 25'769'803'776,
        .kernel = "Linux 6.18.0",
        .load_average = {0.5, 0.25, 0.125},
        .fd_soft_limit = 20'000,
        .fd_hard_limit = 20'000
    };
    r.server_process = {
        .pid = 4711,
        .name = "vstats-server",
        .cpu = 12'340ms,
        .cpu_live = 10'350ms,
        .rss_start_bytes = 12'000'000,
        .rss_peak_bytes = 90'000'000,
        .threads_peak = 11,
        .fds_peak = 5012,
        .read_bytes = 0,
        .written_bytes = 73'000'000,
        .cpu_us_per_message = 100,
        .rss_per_agent_bytes = 15'606
    };
    r.thresholds = {
        {.expression = "fence.p99<50ms", .value = 31.25, .limit = 50, .unit = "ms", .is_ok = true},
        {.expression = "errors.rate<0.1%@last=60s",
         .value = 1.3125,
         .limit = 0.1,
         .unit = "%",
         .note = "the run phase was shorter: 4.00 s"},
        {.expression = "freshness.p95<8s", .limit = 8, .unit = "s", .note = "--viewers is 0"},
    };
    r.verified = verification{
        .source = "http://127.0.0.1:3001",
        .agents = 5000,
        .metrics = {{"5sec", 7'205'000, 7'204'990, 10, 3, 1}, {"daily", 5000, 5000, 0, 0, 0}},
        .ping = {{"5sec", 36'025'000, 36'025'000, 0, 0, 0}, {"daily", 0, 0, 0, 0, 0}},
        .raw = {"raw", 103'500, 103'498, 2, 0, 0},
        .twice = 4,
        .late = 5,
        .unreadable = 6,
        .unjudged = 2,
        .agents_with_loss = 7,
        .examples =
            {{"altered",
              "5sec",
              "Debug-Server-003",
              "",
              359'100'000,
              noon,
              "cpu_sum",
              30.25,
              31.5,
              0.001,
              "the value was changed after it had been sent, or another writer has this id"},
             {"missing",
              "daily",
              "Debug-Server-017",
              "Cloudflare",
              20'781,
              noon,
              "",
              0,
              0,
              0,
              "the aggregate that held this row was taken and not stored"}},
        .took = 31'250ms
    };
    r.timeseries = {
        {.t = 1s,
         .connected = 1000,
         .metrics_sent = 333,
         .bytes_sent = 549'450,
         .cpu_pct = 4.25,
         .rss_bytes = 30'000'000},
        {.t = 2s,
         .connected = 2000,
         .metrics_sent = 1000,
         .bytes_sent = 1'650'000,
         .errors = 3,
         .missed = 2,
         .send_lag_p99 = 4321us,
         .fence_p50 = 1ms,
         .fence_p99 = 7ms,
         .fence_uncorrected_p99 = 6ms,
         .freshness_p50 = 2500ms,
         .freshness_p95 = 5100ms,
         .history_read_p95 = 12ms,
         .cpu_pct = 8.5,
         .rss_bytes = 40'000'000,
         .steal_pct = 1.5,
         .server =
             stats::watched_point{
                 .cpu_pct = 33.5,
                 .rss_bytes = 90'000'000,
                 .threads = 11,
                 .fds = 2012,
                 .read_bytes_per_s = 0,
                 .written_bytes_per_s = 1'250'000.5
             }},
    };
    return r;
}

// A run in which nothing could be measured.
inline report::run_result failed_run() {
    report::run_result r;
    r.tool = {.version = "0.1.0", .build = "debug"};
    r.run.mode = "realtime";
    r.run.server = "http://127.0.0.1:1";
    r.run.embedded = true;
    r.run.count = 1;
    r.run.command_line = "vstats-sim";
    r.run.stopped_by = "error";
    r.exit_code = 1;
    r.findings = {{1, "127.0.0.1:1: connection refused"}};
    r.fleet.requested = 1;
    return r;
}

} // namespace vsim::test
