#include "report/progress.hpp"

#include "progress_example.hpp"
#include "report/units.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using report::phase_progress;
using report::progress_state;
using unit = phase_progress::unit;

namespace {

std::string drawn(const progress_state& state, unsigned columns, bool color = false) {
    return text_of(report::render(state, {.columns = columns, .rows = 100}, color));
}

std::string without_color(std::string text) {
    for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    return text;
}

phase_progress items(std::uint64_t done, std::uint64_t total) {
    return {.name = "history", .done = done, .total = total, .elapsed = 2s};
}

// The only line of a phase at 80 columns.
std::string line_of(const phase_progress& p) {
    progress_state s;
    s.phases = {p};
    return drawn(s, 80);
}

} // namespace

TEST_CASE("progress at 40 columns") {
    CHECK(drawn(mid_run(), 40) == R"(register  [######] 100%           5,000
history   [######] 100%         605,000
ramp      [######] 100%           5,000
run       [#-----]  25%    2m30s/10m00s
agents    4,998/5,000 connected
          10 viewers  0 errors
sent      1,234,567 metrics    1,667/s
          2.75 MB/s  0 missed
latency   lag p99 4.32 ms
          fence p50 0.41 ms p99 13.2 ms
          freshness p95 5.10 s
server    CPU   33%  RSS 90.0 MB
          11 threads  2,012 files)");
}

TEST_CASE("progress at 60 columns") {
    CHECK(drawn(mid_run(), 60) == R"(register  [###########] 100%           5,000  in 1.0s
history   [###########] 100%         605,000  in 6.1s
ramp      [###########] 100%           5,000  in 5.0s
run       [##---------]  25%    2m30s/10m00s  ETA 7m30s
agents    4,998/5,000 connected  10 viewers  0 errors
sent      1,234,567 metrics    1,667/s  2.75 MB/s  0 missed
latency   lag p99 4.32 ms  fence p50 0.41 ms p99 13.2 ms
          freshness p95 5.10 s
server    CPU   33%  RSS 90.0 MB  11 threads  2,012 files)");
}

TEST_CASE("progress at 80 columns") {
    CHECK(
        drawn(mid_run(), 80) ==
        R"(register  [####################] 100%           5,000    4,808/s  in 1.0s
history   [####################] 100%         605,000   98,534/s  in 6.1s
ramp      [####################] 100%           5,000      990/s  in 5.0s
run       [#####---------------]  25%    2m30s/10m00s             ETA 7m30s
agents    4,998/5,000 connected  10 viewers  0 errors
sent      1,234,567 metrics    1,667/s  2.75 MB/s  0 missed
latency   lag p99 4.32 ms  fence p50 0.41 ms p99 13.2 ms  freshness p95 5.10 s
server    CPU   33%  RSS 90.0 MB  11 threads  2,012 files)"
    );
}

TEST_CASE("progress at 200 columns") {
    CHECK(
        drawn(mid_run(), 200) ==
        R"(register  [########################################] 100%           5,000    4,808/s  in 1.0s
history   [########################################] 100%         605,000   98,534/s  in 6.1s
ramp      [########################################] 100%           5,000      990/s  in 5.0s
run       [##########------------------------------]  25%    2m30s/10m00s             ETA 7m30s
agents    4,998/5,000 connected  10 viewers  0 errors
sent      1,234,567 metrics    1,667/s  2.75 MB/s  0 missed
latency   lag p99 4.32 ms  fence p50 0.41 ms p99 13.2 ms  freshness p95 5.10 s
server    CPU   33%  RSS 90.0 MB  11 threads  2,012 files)"
    );
}

TEST_CASE("no line reaches the last column, at any width, with and without colour") {
    for (const auto& state : {mid_run(), bad_run(), progress_state{}}) {
        for (unsigned width = 1; width <= 220; ++width) {
            for (const bool color : {false, true}) {
                for (const auto& line : report::render(state, {width, 50}, color)) {
                    CAPTURE(line);
                    CHECK(report::columns(line) < std::max(2U, width));
                    CHECK_FALSE(line.ends_with(' '));
                }
            }
        }
    }
}

TEST_CASE("colour changes nothing but colour") {
    for (const auto& state : {mid_run(), bad_run()}) {
        for (unsigned width = 40; width <= 220; ++width) {
            CHECK(without_color(drawn(state, width, true)) == drawn(state, width));
        }
    }
    CHECK(drawn(mid_run(), 100).find('\x1b') == std::string::npos);
    const auto good = drawn(mid_run(), 100, true);
    CHECK(good.find("\x1b[32m") != std::string::npos); // a finished bar
    CHECK(good.find("\x1b[31m") == std::string::npos);
    const auto bad = drawn(bad_run(), 100, true);
    CHECK(bad.find("\x1b[31m3 errors\x1b[0m") != std::string::npos);
    CHECK(bad.find("\x1b[33m17 missed\x1b[0m") != std::string::npos);
    CHECK(bad.find("\x1b[33mcut at 5.0s\x1b[0m") != std::string::npos);
}

TEST_CASE("what changes does not move what stands beside it") {
    auto early = mid_run();
    auto late = mid_run();
    auto& p = late.phases.back();
    early.phases.back().done = 0;
    p.done = p.total - 1;
    auto& live = *late.live;
    live.connected = 7;
    live.metrics_per_second = 83.3;
    live.bytes_per_second = 999;
    live.server->cpu_pct = 1234;
    live.server->rss_bytes = 5;
    live.fence_p50.value = 12s;
    live.fence_p99.value.reset();
    for (const unsigned width : {60U, 80U, 200U}) {
        const auto a = report::render(early, {width, 50}, false);
        const auto b = report::render(late, {width, 50}, false);
        REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            CAPTURE(a[i]);
            CAPTURE(b[i]);
            for (const auto* word :
                 {"]",
                  "%",
                  "ETA",
                  "connected",
                  "error",
                  "metrics",
                  "missed",
                  "lag",
                  "p99",
                  "freshness",
                  "CPU",
                  "RSS"}) {
                CHECK(a[i].find(word) == b[i].find(word));
            }
        }
    }
}

TEST_CASE("bars are as long at the end of a phase as at its beginning") {
    for (const unsigned width : {60U, 80U}) {
        progress_state s;
        s.phases = {items(0, 5000)};
        const auto bracket = drawn(s, width).find(']');
        for (const std::uint64_t done : {1U, 999U, 1000U, 5000U}) {
            s.phases[0].done = done;
            CHECK(drawn(s, width).find(']') == bracket);
        }
        s.phases[0].finished = true;
        CHECK(drawn(s, width).find(']') == bracket);
    }
}

TEST_CASE("where rows are few, phases that are over go first, then figures") {
    const auto all = report::render(mid_run(), {80, 50}, false);
    for (unsigned rows = 1; rows <= 12; ++rows) {
        const auto lines = report::render(mid_run(), {80, rows}, false);
        CHECK(lines.size() == std::min<std::size_t>(rows, all.size()));
        CHECK(text_of(lines).find("run ") != std::string::npos);
    }
    CHECK(report::render(mid_run(), {80, 0}, false).size() == 1);
}

TEST_CASE("the end of a phase: foretold, unknown, overdue, told") {
    auto p = items(600, 1000);
    p.speed = 60;
    CHECK(line_of(p).ends_with(" 60%   600/1,000     60.0/s"));
    p.remaining = 6400ms;
    CHECK(line_of(p).ends_with("  ETA 6s"));
    const std::pair<util::nanoseconds, const char*> table[]{
        {1ms, "ETA 1s"},
        {119s, "ETA 1m59s"},
        {124s, "ETA 2m00s"},
        {599s, "ETA 10m00s"},
        {629s, "ETA 10m"},
        {3599s, "ETA 1h00m"},
        {2h + 4min, "ETA 2h05m"},
    };
    for (const auto& [left, text] : table) {
        p.remaining = left;
        CHECK(line_of(p).ends_with(text));
    }
    p.remaining.reset();
    p.idle = 12s;
    CHECK(line_of(p).ends_with("  idle 12s"));
    p.idle = 1s;
    p.elapsed = 10s;
    CHECK(line_of(p).ends_with("  for 10s"));
    p.elapsed = 2s;
    CHECK(line_of(p).ends_with("/s"));

    auto run = phase_progress{.name = "run", .of = unit::time, .total = 60'000'000'000};
    run.done = 14'500'000'000;
    CHECK(line_of(run).ends_with(" 24%   14s/1m00s             ETA 46s"));
    run.done = 60'300'000'000;
    CHECK(line_of(run).ends_with("100% 1m00s/1m00s"));
    run.done = 63'000'000'000;
    CHECK(line_of(run).ends_with("overdue 3s"));
    run.total = 0;
    CHECK(line_of(run) == "run       1m03s  until Ctrl-C");
    run.finished = true;
    run.elapsed = 63s;
    CHECK(line_of(run).starts_with("run       [####"));
    CHECK(line_of(run).ends_with("####] 100%       1m03s             in 1m03s"));

    p.finished = true;
    p.done = 1000;
    p.elapsed = 6140ms;
    CHECK(line_of(p).ends_with("100%       1,000      163/s  in 6.1s"));
    p.cut_short = true;
    p.done = 999;
    p.total = 100'000;
    p.elapsed = 754s;
    CHECK(line_of(p).ends_with("  0%     999/100,000     1.32/s  cut at 12m34s"));
}

TEST_CASE("the plain line tells the present phase and the figures") {
    CHECK(
        report::plain_line(mid_run()) ==
        "run 2m30s/10m00s, ETA 7m30s, 4,998/5,000 connected, 10 viewers, 0 errors, 1,234,567 "
        "metrics, 1,667/s, 2.75 MB/s,"
        " 0 missed, lag p99 4.32 ms, fence p50 0.41 ms p99 13.2 ms, freshness p95 5.10 s, CPU 33%, "
        "RSS 90.0 MB, 11 threads, 2,012 files"
    );
    CHECK(report::plain_line({}).empty());
}
