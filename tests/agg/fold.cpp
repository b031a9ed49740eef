#include "agg/fold.hpp"

#include "support/random_reading.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace vsim;
using namespace vsim::agg;
using proto::granularity;

namespace {

constexpr std::int64_t hour_start = 498747LL * 3600;

} // namespace

TEST_CASE("folding in any order and any grouping gives the same bucket") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::vector<reading> readings;
        for (std::uint64_t n = 0; n < 200; ++n) {
            const auto at = hour_start + static_cast<std::int64_t>(util::hash(seed, 99, n) % 3600);
            readings.push_back(test::random_reading(seed, n, at));
        }
        bucket direct;
        for (const auto& r : readings) {
            fold(direct, granularity::hourly, r);
        }
        // Shuffled, and by way of five-second and fifteen-minute buckets.
        std::ranges::sort(readings, {}, [](const reading& r) { return r.net_rx; });
        std::vector<bucket> quarters(4);
        for (const auto& r : readings) {
            bucket fine;
            fold(fine, granularity::sec5, r);
            fold(
                quarters[static_cast<std::size_t>((r.unix_seconds - hour_start) / 900)],
                granularity::min15,
                fine,
                granularity::sec5
            );
        }
        bucket grouped;
        for (const auto& q : quarters) {
            fold(grouped, granularity::hourly, q, granularity::min15);
        }
        CHECK(grouped == direct);
    }
}

TEST_CASE("a weight counts a reading that many times, but not in maxima and counters") {
    auto r = test::random_reading(7, 1, hour_start);
    r.weight = 1;
    bucket many;
    for (int i = 0; i < 40; ++i) {
        fold(many, granularity::daily, r);
    }
    r.weight = 40;
    bucket once;
    fold(once, granularity::daily, r);
    CHECK(once == many);
}

TEST_CASE("an unanswered ping is a failure without a latency") {
    reading r;
    r.target_count = 2;
    r.pings[0] = {1234, true, true};
    bucket b;
    fold(b, granularity::sec5, r);
    CHECK(b.pings[0] == ping_sums{1234, 1234, 1, 1, 0});
    CHECK(b.pings[1] == ping_sums{0, 0, 0, 0, 1});
    CHECK(b.ping_sum == 1234);
    CHECK(b.ping_count == 1);
}

TEST_CASE("on the wire hundredths are percent and milliseconds") {
    reading r;
    r.unix_seconds = 10;
    r.cpu = 1234;
    r.target_count = 1;
    r.pings[0] = {1450, true, true};
    bucket b;
    fold(b, granularity::sec5, r);
    CHECK(to_wire(b).bucket == 2);
    CHECK(to_wire(b).cpu_sum == 12.34);
    CHECK(to_wire(b).ping_sum == 14.5);
    CHECK(to_wire(b, 0, {"CF", "1.1.1.1"}).latency_max == 14.5);
}
