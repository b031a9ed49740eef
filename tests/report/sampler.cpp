#include "report/sampler.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;

TEST_CASE("a point holds what was gained since the one before") {
    stats::recorder recorder{1};
    recorder.add(counter::metrics_sent, 100);
    recorder.record(stats::latency::send_lag, 1h);
    report::sampler sampler{recorder};

    recorder.add(counter::metrics_sent, 5);
    recorder.add(counter::metrics_bytes, 50);
    recorder.add(counter::aggregated_bytes, 7);
    recorder.add(counter::history_bytes, 3);
    recorder.error("x", "y");
    recorder.add(counter::metrics_missed, 4);
    recorder.record(stats::latency::send_lag, 2ms);
    recorder.record(stats::latency::fence, 1ms);
    recorder.record(stats::latency::fence, 9ms);
    const auto first = sampler.next(1s, 42);
    CHECK(first.t == 1s);
    CHECK(first.connected == 42);
    CHECK(first.metrics_sent == 5);
    CHECK(first.bytes_sent == 60);
    CHECK(first.errors == 1);
    REQUIRE(first.send_lag_p99.has_value());
    CHECK(static_cast<double>(first.send_lag_p99->count()) == doctest::Approx(2e6).epsilon(0.001));
    CHECK(first.missed == 4);
    CHECK(first.fence_p50.value() < 2ms);
    CHECK(first.fence_p99.value() > 8ms);
    CHECK_FALSE(first.freshness_p95.has_value());
    CHECK(first.rss_bytes > 0);
    CHECK(first.cpu_pct >= 0);

    const auto second = sampler.next(2s, 0);
    CHECK(second.metrics_sent == 0);
    CHECK(second.bytes_sent == 0);
    CHECK(second.errors == 0);
    CHECK_FALSE(second.send_lag_p99.has_value());
    CHECK_FALSE(second.fence_p99.has_value());
}
