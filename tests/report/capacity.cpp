#include "report/capacity.hpp"

#include "example_search.hpp"
#include "report/console_capacity.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace std::chrono_literals;
using report::capacity_end;
using verdict = report::capacity_step::verdict;

TEST_CASE("a step says what it tries, how each criterion did and what follows") {
    auto s = test::made_up_step(5, 1600, 3.5);
    CHECK(report::render_step_start(s, 30s, false) == ">-- iteration 5: 1,600 agents for 30s\n");
    CHECK(report::render_step_end(s, false) == R"(    fence.p99       PASS  [ 3.5 ms < 100 ms ]
    freshness.p95   PASS  [ 5.01 s < 8 s ]
    verify.missing  PASS  [ 0 == 0 ]
--> accepting iteration 5
)");
    s = test::made_up_step(6, 1, 212);
    s.is_repeat = true;
    s.reason = "12 of 1,600 agents never connected, and what else can be said about it takes more "
               "than one line";
    s.criteria[2].value.reset();
    s.criteria[2].is_ok = false;
    s.criteria[2].note = "--verify is off";
    CHECK(
        report::render_step_start(s, 30s, false) == ">-- iteration 6: 1 agent for 30s, repeated\n"
    );
    CHECK(report::render_step_end(s, false) == R"(    fence.p99       FAIL  [ 212 ms < 100 ms ]
    freshness.p95   PASS  [ 5.01 s < 8 s ]
    verify.missing  FAIL  not measured: --verify is off
    the run         FAIL  12 of 1,600 agents never connected, and what else can
                          be said about it takes more than one line
--> rejecting iteration 6
)");
    s = test::made_up_step(7, 10, 99);
    s.is_borderline = true;
    s.criteria.resize(1);
    CHECK(report::render_step_end(s, false) == R"(    fence.p99  PASS  [ 99 ms < 100 ms ]
--> accepting iteration 7 for now: too near a limit to be sure, it is repeated
)");
    s.said = verdict::invalid;
    CHECK(report::render_step_end(s, false).ends_with(
        "--> iteration 7 says nothing about the server\n"
    ));
}

TEST_CASE("a search ends in a table and an answer") {
    CHECK(
        report::render_capacity(test::example_search(), false) ==
        R"(
 step     agents    msgs/s   fence   fence    fresh      rows  server  verdict
                            p50 ms  p99 ms    p95 s   missing     cpu
    1      1,000       333   0.412    4.50     5.01         0     25%  accepted
    2      2,000       667   0.412    6.00     5.01         0     50%  accepted
    3      4,000     1,333   0.412     250     5.01         0    100%  rejected
    4      3,000     1,000   0.412    95.0     5.01         0     75%  repeated
    5      3,000     1,000   0.412    90.0     5.01         0     75%  accepted
    6      3,100     1,033   0.412    1234     5.01         0     78%  rejected

Capacity: 3,000 agents; 3,100 were too many
  broke first  fence.p99<100ms at 3,100 agents: 1,234 ms
  knee         between 2,000 and 3,000 agents: fence.p99 rose from 4.50 ms to
               90.0 ms, over 2 times that of the smallest fleet
  searched     1,000 to 10,000 agents, to 5% of the answer, 1m a step
)"
    );
}

TEST_CASE("every end of a search has its words") {
    auto f = test::example_search();
    const auto has = [&f](std::string_view words) {
        const auto text = report::render_capacity(f, false);
        CAPTURE(text);
        CHECK(text.find(words) != std::string::npos);
    };
    f.end = capacity_end::all_good;
    f.smallest_rejected.reset();
    has("Capacity: 3,000 agents or more: --to was reached and no criterion broke\n");
    f.end = capacity_end::generator;
    f.end_reason = "send_lag p99 was 131 ms";
    has("The generator is the limit, not the server; 3,000 agents were accepted\n"
        "  because      send_lag p99 was 131 ms\n");
    f.largest_accepted.reset();
    f.end = capacity_end::interrupted;
    f.end_reason.clear();
    f.how_to_resume = "the same command again";
    has("Stopped before there was an answer; nothing was accepted\n");
    has("  to go on     the same command again\n");
    f.end = capacity_end::failed;
    has("A step could not be run; nothing was accepted\n");
    f.end = capacity_end::none_good;
    has("Capacity: below 1,000 agents: the fleet of --from was too large already\n");
    f.end = capacity_end::found;
    f.largest_accepted = 2000;
    f.smallest_rejected = 3100;
    f.steps[5].criteria.clear();
    f.steps[5].reason = "12 agents never connected";
    has("  broke first  the run of 3,100 agents: 12 agents never connected\n");
    for (auto& s : f.steps) {
        s.fence_p99_ms.reset();
    }
    has("  knee         none: p99 stayed below 2 times that of the smallest fleet\n");
    f.steps.clear();
    CHECK_FALSE(report::render_capacity(f, true).empty());
}

TEST_CASE("the knee is where p99 leaves twice that of the smallest fleet, for good reason") {
    const auto knee = [](std::vector<std::pair<std::uint32_t, double>> p99) {
        std::vector<report::capacity_step> steps;
        for (const auto& [agents, ms] : p99) {
            steps.push_back(test::made_up_step(1, agents, ms));
        }
        return report::knee_of(steps);
    };
    CHECK_FALSE(knee({}));
    CHECK_FALSE(knee({{100, 5}}));
    CHECK_FALSE(knee({{100, 5}, {200, 10}}));
    CHECK_FALSE(knee({{100, 0.1}, {200, 0.9}})); // less than a millisecond is no matter
    const auto found = knee({{100, 5}, {400, 300}, {200, 9}, {300, 11}});
    REQUIRE(found);
    CHECK(found->below == 200);
    CHECK(found->agents == 300);
    CHECK(found->metric == "fence.p99");
    CHECK(found->base_ms == 5);
    CHECK(found->value_ms == 11);
    CHECK_FALSE(knee({{100, 5}, {200, 50}, {200, 6}})); // the repetition counts
}

TEST_CASE("what broke first is the criterion that is farthest beyond its limit") {
    auto f = test::example_search();
    auto& last = f.steps.back().criteria;
    last[1].value = 8.5;
    last[1].is_ok = false;
    REQUIRE(report::first_broken(f) != nullptr);
    CHECK(report::first_broken(f)->expression == "fence.p99<100ms");
    last[2].value = 3;
    last[2].is_ok = false;
    CHECK(report::first_broken(f)->expression == "verify.missing==0");
    f.smallest_rejected.reset();
    CHECK(report::first_broken(f) == nullptr);
}
