#include "report/live_figures.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace vsim;
using namespace std::chrono_literals;

TEST_CASE("rates are those of three seconds, so that samples each three seconds do not flicker") {
    report::live_figures figures;
    report::live_status s;
    figures.write(s);
    CHECK(s.metrics_per_second == 0);
    for (int t = 1; t <= 30; ++t) {
        figures.add({.t = t * 1s, .metrics_sent = t % 3 == 0 ? 300U : 0U, .bytes_sent = 1000});
        figures.write(s);
        CHECK(s.bytes_per_second == doctest::Approx(1000));
        if (t >= 3) {
            CHECK(s.metrics_per_second == doctest::Approx(100));
        }
    }
    figures.add({.t = 30'010ms, .metrics_sent = 0, .bytes_sent = 10}); // the last may be short
    figures.write(s);
    CHECK(s.bytes_per_second == doctest::Approx(1000).epsilon(0.01));
}

TEST_CASE("a quantile outlives a second without any, but not a server that hangs") {
    report::live_figures figures;
    report::live_status s;
    figures.add({.t = 1s});
    figures.write(s);
    CHECK_FALSE(s.fence_p99.is_wanted);
    figures.add({.t = 2s, .fence_p50 = 1ms, .fence_p99 = 9ms, .freshness_p95 = 5s});
    for (int t = 3; t <= 6; ++t) {
        figures.add({.t = t * 1s});
        figures.write(s);
        CHECK(s.fence_p50.value == 1ms);
        CHECK(s.fence_p99.value == 9ms);
        CHECK(s.freshness_p95.value == 5s);
        CHECK_FALSE(s.send_lag_p99.is_wanted);
    }
    figures.add({.t = 7s});
    figures.write(s);
    CHECK(s.fence_p99.is_wanted);
    CHECK_FALSE(s.fence_p99.value);
}

TEST_CASE("a watched process that is gone is told from one that was never watched") {
    report::live_figures figures;
    report::live_status s;
    figures.add({.t = 1s});
    figures.write(s);
    CHECK_FALSE(s.server_has_ended);
    figures.add({.t = 2s, .server = stats::watched_point{.cpu_pct = 7}});
    figures.write(s);
    CHECK(s.server.value().cpu_pct == 7);
    CHECK_FALSE(s.server_has_ended);
    figures.add({.t = 3s});
    figures.write(s);
    CHECK_FALSE(s.server);
    CHECK(s.server_has_ended);
}
