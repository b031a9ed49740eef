#include "viewer/tick_phase.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

const auto tick0 = util::from_unix_seconds(1'795'500'000) + 1234ms;

} // namespace

TEST_CASE("while nothing has arrived, a tick may be as far away as it can be") {
    const viewer::tick_phase p;
    CHECK(!p.is_known());
    CHECK(p.next(tick0) == tick0 + 5s);
}

TEST_CASE("the next tick is the first at or after an instant") {
    viewer::tick_phase p;
    p.arrived(tick0);
    CHECK(p.next(tick0) == tick0);
    CHECK(p.next(tick0 + 1ns) == tick0 + 5s);
    CHECK(p.next(tick0 - 1ms) == tick0);
    CHECK(p.next(tick0 + 100s - 1ms) == tick0 + 100s);
    CHECK(p.next(tick0 - 17s) == tick0 - 15s);
}

TEST_CASE("the fastest delivery counts, whatever comes first") {
    viewer::tick_phase p;
    util::nanoseconds delays[]{40ms, 3ms, 900ms, 12ms, 7ms};
    auto tick = tick0;
    for (const auto d : delays) {
        p.arrived(tick + d);
        tick += 5s;
    }
    CHECK(p.next(tick0) == tick0 + 3ms);
}

TEST_CASE("a tick that a stall delays does not move the phase") {
    for (const auto late : {100ms, 2s + 0ms, 2600ms, 4900ms, 12'300ms}) {
        viewer::tick_phase p;
        auto tick = tick0;
        for (int n = 0; n < 5; ++n, tick += 5s) {
            p.arrived(tick + 2ms);
        }
        p.arrived(tick + late);
        for (tick += 15s; tick < tick0 + 60s; tick += 5s) {
            p.arrived(tick + 2ms);
        }
        CAPTURE(late.count());
        CHECK(p.next(tick0) == tick0 + 2ms);
    }
}

TEST_CASE("a first delta that was late is outvoted") {
    viewer::tick_phase p;
    p.arrived(tick0 + 4s);
    for (int n = 1; n < 4; ++n) {
        p.interrupted(); // else each would follow the last closely
        p.arrived(tick0 + n * 5s + 1ms);
    }
    CHECK(p.next(tick0) == tick0 + 1ms);
}
