#include "agent/lifecycle.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace vsim;
using namespace std::chrono_literals;

TEST_CASE("the delay doubles from five seconds to a minute, and up to half is added") {
    agent::lifecycle life{1, 7};
    for (const auto base : {5s, 10s, 20s, 40s, 60s, 60s, 60s}) {
        const auto delay = life.on_end();
        CHECK(delay >= base);
        CHECK(delay <= util::nanoseconds{base} * 3 / 2);
    }
}

TEST_CASE("a welcome starts the delays afresh, and only the first one is the first") {
    agent::lifecycle life{1, 7};
    CHECK_FALSE(life.was_ever_welcome());
    for (int i = 0; i < 4; ++i) {
        life.on_end();
    }
    CHECK(life.on_welcome());
    CHECK(life.on_end() <= 7500ms);
    CHECK_FALSE(life.on_welcome());
    CHECK(life.was_ever_welcome());
}

TEST_CASE("no two agents of a fleet come back at the same instant") {
    std::set<util::nanoseconds> delays;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        delays.insert(agent::lifecycle{1, i}.on_end());
    }
    CHECK(delays.size() == 1000);
    CHECK(*delays.rbegin() - *delays.begin() > 2s); // spread over the jitter, not bunched
}

TEST_CASE("the same seed and index give the same delays") {
    agent::lifecycle a{3, 4};
    agent::lifecycle b{3, 4};
    for (int i = 0; i < 5; ++i) {
        CHECK(a.on_end() == b.on_end());
    }
}
