#include "report/window.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

namespace {

const util::steady_time start{};

} // namespace

TEST_CASE("a window holds what the last part of the run phase gained") {
    stats::recorder counts{1};
    report::window_log log{
        counts, {{.length = 60s, .latencies = {latency::connect}}, {.length = 10s, .latencies = {}}}
    };
    counts.add(counter::metrics_sent, 1'000'000); // in the ramp
    log.sample(start);
    log.begin(start + 1s);
    for (int second = 2; second <= 1001; ++second) {
        counts.add(counter::metrics_sent, 7);
        counts.record(latency::connect, second * 1ms);
        counts.record(latency::auth, 1ms);
        if (second % 100 == 0) {
            counts.error("auth.refused", "no");
        }
        log.sample(start + std::chrono::seconds{second});
    }
    CHECK(log.windows().empty());
    log.end(start + 1001s);
    counts.add(counter::metrics_sent, 1'000'000); // in the drain
    log.sample(start + 1002s);
    const auto all = log.windows();
    REQUIRE(all.size() == 2);
    CHECK(all[0].length == 60s);
    CHECK(all[0].covers == 60s);
    CHECK(all[0].gained[counter::metrics_sent] == 60 * 7);
    CHECK(all[0].gained[latency::connect].count() == 60);
    CHECK(all[0].gained[latency::connect].min() >= 941ms);
    CHECK(all[0].gained[latency::auth].count() == 0); // not asked for
    CHECK(all[0].gained.error_total() == 1);
    CHECK(all[1].covers == 10s);
    CHECK(all[1].gained[counter::metrics_sent] == 10 * 7);
}

TEST_CASE("a window that begins between two states takes the earlier one") {
    stats::recorder counts{1};
    report::window_log log{counts, {{.length = 600s, .latencies = {}}}};
    log.begin(start);
    for (int second = 1; second <= 1234; ++second) {
        counts.add(counter::metrics_sent);
        log.sample(start + std::chrono::seconds{second});
    }
    log.end(start + 1234s);
    const auto w = log.windows().at(0);
    CHECK(w.covers >= 600s);
    CHECK(w.covers <= 610s);
    CHECK(w.gained[counter::metrics_sent] == static_cast<std::uint64_t>(w.covers / 1s));
}

TEST_CASE("a run phase that is shorter is covered whole, and one that never was is not") {
    stats::recorder counts{1};
    report::window_log log{counts, {{.length = 60s, .latencies = {}}}};
    log.end(start);
    CHECK(log.windows().empty());
    log.begin(start);
    counts.add(counter::metrics_sent, 3);
    log.end(start + 4s);
    const auto w = log.windows().at(0);
    CHECK(w.covers == 4s);
    CHECK(w.gained[counter::metrics_sent] == 3);
}
