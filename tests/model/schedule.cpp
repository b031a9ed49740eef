#include "model/schedule.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;

TEST_CASE("instants are one interval apart, wherever one looks from") {
    const schedule s{1, 17, 2500ms};
    const auto t = s.at_or_after(util::from_unix_seconds(1'795'492'055));
    CHECK(s.after(t) - t == 2500ms);
    CHECK(s.at_or_after(t) == t);
    CHECK(s.at_or_before(t) == t);
    CHECK(s.after(t - 1ns) == t);
    CHECK(s.at_or_before(t - 1ns) == t - 2500ms);
}

TEST_CASE("the count of instants in a span is exact at its ends") {
    const schedule s{1, 17, 3s};
    const auto t = s.at_or_after(util::from_unix_seconds(1'795'492'055));
    CHECK(s.count(t, t) == 0);
    CHECK(s.count(t - 1ns, t) == 1);
    CHECK(s.count(t, t + 30s) == 10);
    CHECK(s.count(t, t + 30s - 1ns) == 9);
}

TEST_CASE("phases spread over the interval") {
    std::set<std::int64_t> tenths;
    for (std::uint32_t i = 0; i < 500; ++i) {
        const auto t = schedule{1, i, 3s}.at_or_after(util::from_unix_seconds(1'795'491'999));
        const auto phase = t - util::from_unix_seconds(1'795'491'999);
        CHECK((phase >= 0s && phase < 3s));
        tenths.insert(phase / 100ms);
    }
    CHECK(tenths.size() == 30);
}
