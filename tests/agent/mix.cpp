#include "agent/mix.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace vsim;
using namespace std::chrono_literals;
using agent::group;
using agent::mix;

namespace {

constexpr std::uint64_t seed = 7;

std::map<const group*, int> census(const mix& m, std::uint32_t fleet) {
    std::map<const group*, int> members;
    for (std::uint32_t i = 0; i < fleet; ++i) {
        ++members[&m.of(seed, i)];
    }
    return members;
}

} // namespace

TEST_CASE("without groups all agents are alike and plain") {
    const mix m;
    REQUIRE(m.groups().size() == 1);
    CHECK(m.groups()[0] == group{});
    CHECK(census(m, 100).at(&m.groups()[0]) == 100);
}

TEST_CASE("groups get their shares, and the rest of the fleet is plain") {
    const mix m{{{.share = 0.6, .has_store = false}, {.share = 0.02, .clock_skew = -90s}}};
    REQUIRE(m.groups().size() == 3);
    CHECK(m.groups()[2].share == doctest::Approx(0.38));
    CHECK(m.groups()[2].has_store);
    CHECK(m.groups()[2].clock_skew == 0s);
    const auto members = census(m, 100'000);
    // Four standard deviations: 155 x 4, 44 x 4.
    CHECK(std::abs(members.at(&m.groups()[0]) - 60'000) < 620);
    CHECK(std::abs(members.at(&m.groups()[1]) - 2'000) < 180);
}

TEST_CASE("the rest may be a mix of its own, squeezed into what is left") {
    const std::vector<group> rest{{.share = 0.25, .has_store = false}, {.share = 0.75}};
    const mix m{{{.share = 0.2, .reads = false}}, rest};
    REQUIRE(m.groups().size() == 3);
    CHECK(m.groups()[1].share == doctest::Approx(0.2));
    CHECK(m.groups()[2].share == doctest::Approx(0.6));
}

TEST_CASE("shares that fill the fleet leave no rest, rounding or not") {
    std::vector<group> tenths(10, group{.share = 0.1, .repeats = true});
    const mix m{tenths};
    CHECK(m.groups().size() == 10);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        CHECK(m.of(seed, i).repeats);
    }
}

TEST_CASE("whose group an agent is depends on seed and index only, and its address stays") {
    mix m{{{.share = 0.5, .shuffles = true}}};
    const auto* third = &m.of(seed, 3);
    const mix same{{{.share = 0.5, .shuffles = true}}};
    int moved = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        CHECK(m.of(seed, i) == same.of(seed, i));
        moved += m.of(seed, i) == m.of(seed + 1, i) ? 0 : 1;
    }
    CHECK(moved > 400);
    CHECK(moved < 600);
    const mix elsewhere = std::move(m);
    CHECK(&elsewhere.of(seed, 3) == third);
}

TEST_CASE("a group that grows keeps the agents it had") {
    const mix small{{{.share = 0.1, .reads = false}}};
    const mix large{{{.share = 0.3, .reads = false}}};
    for (std::uint32_t i = 0; i < 1000; ++i) {
        CHECK((small.of(seed, i).reads || !large.of(seed, i).reads));
    }
}
