#include "agent/deviations.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace vsim;
using namespace std::chrono_literals;
using agent::deviation;
using agent::deviations;

namespace {

util::wall_time at(std::int64_t second) {
    return util::from_unix_seconds(second);
}

} // namespace

TEST_CASE("stretches of one kind that touch become one") {
    deviations d;
    d.add(deviation::unsent, at(10), at(20));
    d.add(deviation::unsent, at(20), at(30));
    d.add(deviation::unsent, at(25), at(27));
    d.add(deviation::unsent, at(31), at(31)); // nothing
    REQUIRE(d.all().size() == 1);
    CHECK(d.all()[0] == deviations::stretch{at(10), at(30), deviation::unsent});
    d.add(deviation::doubtful, at(30), at(40));
    d.add(deviation::unsent, at(41), at(42));
    CHECK(d.all().size() == 3);
}

TEST_CASE("they stay in the order of time, whenever they are told") {
    deviations d;
    d.add(deviation::unsent, at(100), at(110));
    d.add(deviation::doubtful, at(95), at(100));
    REQUIRE(d.all().size() == 2);
    CHECK(d.all()[0].after == at(95));
}

TEST_CASE("of too many the nearest become one stretch of which nothing is sure") {
    deviations d;
    for (std::int64_t i = 0; i < 10 * static_cast<std::int64_t>(deviations::most); ++i) {
        d.add(deviation::unsent, at(100 * i), at(100 * i + 5));
    }
    CHECK(d.all().size() == deviations::most);
    // Everything is still covered.
    for (std::int64_t i = 0; i < 10 * static_cast<std::int64_t>(deviations::most); ++i) {
        bool is_covered = false;
        for (const auto& s : d.all()) {
            is_covered = is_covered || (s.after <= at(100 * i) && at(100 * i + 5) <= s.until);
        }
        CHECK(is_covered);
    }
}
