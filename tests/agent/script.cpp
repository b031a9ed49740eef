#include "agent/script.hpp"

#include "model/machine.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace std::chrono_literals;

TEST_CASE("a script has no times before it begins, and then those counted from there") {
    const auto zero = util::from_unix_seconds(1'795'492'055);
    agent::hardship_plan plan;
    plan.outages.push_back({10s, 5s, 1, agent::cut::half_open});
    agent::script s{3, agent::hardships{3, plan}, {{20s, 4s, model::incident_kind::silent, 1}}};
    CHECK(!s.zero());
    CHECK(s.incidents() == nullptr);
    CHECK(!s.next(0, zero));
    CHECK(!s.cut_until(0, zero + 12s));

    s.begin(zero);
    CHECK(s.zero() == zero);
    const auto blow = s.next(0, zero);
    REQUIRE(blow.has_value());
    CHECK(blow->at == zero + 10s);
    CHECK(blow->until == zero + 15s);
    CHECK(blow->how == agent::cut::half_open);
    CHECK(!blow->is_churn);
    CHECK(!s.next(0, zero + 10s));
    CHECK(!s.cut_until(0, zero + 9s));
    CHECK(s.cut_until(0, zero + 10s) == zero + 15s);
    CHECK(!s.cut_until(0, zero + 15s));

    REQUIRE(s.incidents() != nullptr);
    const model::circumstances around{nullptr, nullptr, s.incidents()};
    const model::machine m{3, 0, around};
    CHECK(!m.is_silent(zero + 19s));
    CHECK(m.is_silent(zero + 20s));
    CHECK(!m.is_silent(zero + 24s));
}

TEST_CASE("without incidents there is no plan to look at, also after the beginning") {
    agent::script s{3, agent::hardships{3, {}}, {}};
    s.begin(util::from_unix_seconds(1'795'492'055));
    CHECK(s.incidents() == nullptr);
    CHECK(!s.next(7, util::from_unix_seconds(1'795'492'055)));
}
