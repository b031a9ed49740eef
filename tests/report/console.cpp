#include "report/console.hpp"

#include "example.hpp"
#include "report/units.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace vsim;

TEST_CASE("the summary of a run reads like this") {
    CHECK(
        report::render_summary(test::example_run(), false) ==
        R"(INVALID  5,000 agents, mode both, 70.2 s, stopped by duration
  - the generator was late: the p99 of its own lag was 131 ms, more than the 100
    ms that a valid run may have (--max-lag) (exit code 98)

Thresholds
  PASS  fence.p99<50ms             31.25 ms
  FAIL  errors.rate<0.1%@last=60s  1.312% (the run phase was shorter: 4.00 s)
  FAIL  freshness.p95<8s           not measured: --viewers is 0

Fleet
  registered   5,000 of 5,000
  connected    4,998 at once, 2 never
  connections  7 lost, 6 made again
  phases       cleanup 0.213 s, register 1.04 s, history 6.00 s, ramp 2.10 s,
               run 60.0 s

Events
  incident     cpu, 2026-11-24T06:00:00Z to 2026-11-24T06:00:30Z, 2 agents
  outage       half-open, 2026-11-24T06:00:00Z to 2026-11-24T06:00:01Z, 0 agents
           5  connections dropped by --churn
           4  connections cut by --outage
           2  second logins
           9  changes of settings from the server
           3  commands from the server

  messages            sent       rate    bytes       rate
  metrics          103,500    1,667/s   171 MB  2.75 MB/s  12 missed
  aggregated         5,000     80.5/s  92.5 MB  1.49 MB/s  85,000 buckets
  batch                 40    0.644/s  80.0 kB  1.29 kB/s  1,990 items
  history            5,000      833/s  7.28 GB  1.21 GB/s  7,575,000 buckets
  103,400 fences behind them, 103,399 answered
  10 items of batches were rejected

  latency ms             count   mean    p50    p90    p95    p99  p99.9    max
  connect                1,000  0.500  0.500  0.900  0.950  0.990  0.999   1.00
  fence_uncorrected      1,000   1.00   1.00   1.80   1.90   1.98   2.00   2.00
  freshness              1,000   2502   2501   4502   4751   4952   4997   5000
  freshness_excess       1,000   1001   1000   1800   1901   1980   1999   2000
  send_lag               1,000   65.1   65.0    117    124    129    130    130
  not in it: the ramp, p99 fence_uncorrected 60.0, send_lag 170

Freshness
  viewers      2 of 3 at once, 1 lost; 15,033 messages, 31.0 MB
  age shown    p50 2.50 s, p95 4.75 s, p99 4.95 s, max 5.00 s
  excess       p50 1.00 s, p95 1.90 s, p99 1.98 s, max 2.00 s, without the wait
               for the server's tick of 5.00 s
  agents       4 of 4,998 never seen, 8 shown as offline although they reported;
               6 values that no sample has
  readers      20, 41 histories read, 8.20 MB, 0 failed

Verification
  5,000 agents against http://127.0.0.1:3001, 31.2 s
  rows                 expected        found    missing    altered    foreign
  metrics 5sec        7,205,000    7,204,990         10          3          1
  metrics daily           5,000        5,000          0          0          0
  ping 5sec          36,025,000   36,025,000          0          0          0
  samples               103,500      103,498          2          0          0
           7  agents of whom something is not as they sent it
           4  rows or samples that are there twice
           5  rows that came late, but came
           6  agents that could not be read
           2  agents that sent nothing
  - altered Debug-Server-003: 5sec bucket 359100000 (2026-11-24T06:00:00Z),
    cpu_sum: expected 30.25 (±0.001), found 31.5
    the value was changed after it had been sent, or another writer has this id
  - missing Debug-Server-017: daily bucket 20781 (2026-11-24T06:00:00Z), ping of
    Cloudflare
    the aggregate that held this row was taken and not stored

Errors (1,236)
       1,234  connect.unreachable    127.0.0.1:3001: connection refused, after …
           2  auth.refused           server said: unknown agent

Server process
  process      vstats-server, pid 4711
  CPU time     12.3 s, 10.3 s of it from ramp to drain: 100.0 µs a message
  memory       90.0 MB at most, 12.0 MB before: 15.6 kB an agent
  threads      11 at most
  open files   5,012 at most
  disk         0 B read, 73.0 MB written

Generator
  own lag      p99 131 ms of the 100 ms that --max-lag grants, 8 samples skipped
               for it
  CPU          23.5 % of a core, 2 threads busy 18.8 %, without a core 37.5 %
  machine      99.5 % in use, 1.2 % stolen
  warning      8 samples were skipped because the generator came an interval
               late

Environment
  CPU time     1.20 s user + 2.03 s system, 13.3 µs a message from ramp to drain
  memory       61.0 MB at most, 10.0 kB an agent
  machine      2 × Example CPU @ 2.50GHz, 25.8 GB, Linux 6.18.0
  load average 0.50 0.25 0.12
  open files   at most 5,023, limit 20,000 (hard 20,000)
  server       http://127.0.0.1:3001
  settings     seed 1, threads 2, io-contexts 1, shard 1/1
  tool         vstats-sim 0.1.0 (release)
  command      vstats-sim run --count 5000 --duration 60s --token *** --out
               json=/var/lib/reports/2026-11-24/vstats-sim-5000.json --no-color
)"
    );
}

TEST_CASE("the summary of a run that measured nothing leaves the rest out") {
    CHECK(
        report::render_summary(test::failed_run(), false) ==
        R"(FAIL  1 agent, mode realtime, embedded server, 0 s, stopped by error
  - 127.0.0.1:1: connection refused (exit code 1)

Fleet
  registered   0 of 1
  connected    0 at once, 0 never
  connections  0 lost, 0 made again

No errors

Environment
  CPU time     0 s user + 0 s system (with the embedded server)
  memory       0 B at most (with the embedded server)
  server       http://127.0.0.1:1
  settings     seed 0, threads 0, io-contexts 0, shard 1/1
  tool         vstats-sim 0.1.0 (debug)
  command      vstats-sim
)"
    );
}

TEST_CASE("the summary fits 80 columns, and colour changes nothing but colour") {
    auto wide = test::example_run();
    wide.run.count = 1'000'000;
    wide.run.embedded = true;
    wide.fleet = {1'000'000, 1'000'000, 1'000'000, 1'000'000, std::chrono::hours{99}};
    for (auto& n : wide.stats.counters) {
        n = 9'999'999'999;
    }
    for (auto& h : wide.stats.latencies) {
        h.record(std::chrono::hours{1});
    }
    wide.stats.errors["a.kind.with.a.rather.long.name.that.nobody.would.choose.but.may.come.up"] = {
        1, std::string(200, 'x')
    };
    wide.run.server = "https://" + std::string(200, 'h') + ":3001";
    for (const auto& r : {test::example_run(), test::failed_run(), wide}) {
        std::string without;
        std::istringstream colored{report::render_summary(r, true)};
        for (std::string line; std::getline(colored, line);) {
            CAPTURE(line);
            CHECK(report::columns(line) <= 80);
            for (auto at = line.find('\x1b'); at != std::string::npos; at = line.find('\x1b')) {
                line.erase(at, line.find('m', at) - at + 1);
            }
            without += line + "\n";
        }
        CHECK(without == report::render_summary(r, false));
    }
}

TEST_CASE("a run that passed says so first") {
    auto r = test::example_run();
    r.exit_code = 0;
    r.findings.clear();
    r.stats.errors.clear();
    const auto text = report::render_summary(r, false);
    CHECK(text.starts_with("PASS  5,000 agents, mode both, 70.2 s, stopped by duration\n"));
    CHECK(text.find("No errors") != std::string::npos);
}
