#include "model/speed_track.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <utility>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

const auto noon = util::from_unix_seconds(1'795'521'600);

model::network_speeds
speeds_of_sample(const model::machine& m, util::wall_time t, util::nanoseconds interval) {
    const auto s = m.sample(t, interval);
    return {s.network.rx_speed, s.network.tx_speed};
}

} // namespace

TEST_CASE("speeds are those of the sample, across hours and midnights") {
    const std::array<util::milliseconds, 4> intervals{10ms, 1s, 3s, 60s};
    for (std::uint32_t n = 0; n < 2000; ++n) {
        const auto draw = util::hash(7, 1, n);
        const model::machine m{draw % 5, n};
        const auto t = noon + std::chrono::milliseconds{draw >> 8 & 0xfff'ffff};
        const auto interval = intervals[n % intervals.size()];
        model::speed_track track{m};
        CHECK(track.at(t, interval) == speeds_of_sample(m, t, interval));
        CHECK(track.at(t - 59min, interval) == speeds_of_sample(m, t - 59min, interval));
    }
}

TEST_CASE("a sample is found by its speeds among its neighbours, and it alone") {
    std::size_t wrong = 0;
    std::size_t idle = 0;
    for (std::uint32_t index = 0; index < 2000; ++index) {
        const model::machine m{3, index};
        idle += m.profile_name() == "idle" ? 1 : 0;
        for (const auto interval : {1000ms, 3000ms, 10'000ms}) {
            const model::schedule due{3, index, interval};
            const auto newest = due.at_or_before(noon + index * 43s);
            for (int back : {0, 1, 5, 39}) {
                const auto wanted = newest - back * interval;
                model::speed_track track{m};
                const auto found = track.find(track.at(wanted, interval), due, newest + 1ms, 40);
                wrong += found == wanted ? 0 : 1;
            }
        }
    }
    CHECK(idle > 200); // the machines with the smallest speeds
    CHECK(wrong == 0);
}

TEST_CASE("speeds of another sample, or from too far back, are not found") {
    const model::machine m{1, 17};
    const model::schedule due{1, 17, 3s};
    const auto newest = due.at_or_before(noon);
    model::speed_track track{m};
    auto wanted = track.at(newest - 30s, 3s);
    CHECK(track.find(wanted, due, noon, 11) == newest - 30s);
    CHECK(!track.find(wanted, due, noon, 10));
    CHECK(!track.find(wanted, due, newest - 33s, 40));
    ++wanted.tx;
    CHECK(!track.find(wanted, due, noon, 40));
}

TEST_CASE("of samples that have the same speeds the newest is found") {
    // Within 0.9 s the model's traffic is even: samples every 50 ms look alike.
    const model::machine m{1, 4};
    const model::schedule due{1, 4, 50ms};
    const auto newest = due.at_or_before(noon);
    model::speed_track track{m};
    std::size_t alike = 0;
    for (int back = 0; back < 100; ++back) {
        const auto wanted = newest - back * 50ms;
        const auto found = track.find(track.at(wanted, 50ms), due, newest, 200);
        REQUIRE(found);
        CHECK(*found >= wanted);
        CHECK(*found < wanted + 900ms);
        alike += *found == wanted ? 0 : 1;
    }
    CHECK(alike > 0);
}
