#include "app/capacity_outcome.hpp"

#include "report/threshold.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using app::outcome_of;
using kind = app::step_outcome::kind;
using verdict = report::capacity_step::verdict;

namespace {

report::threshold_result criterion(double value, double limit) {
    return {
        .expression = "fence.p99<100ms",
        .value = value,
        .limit = limit,
        .unit = "ms",
        .is_ok = value < limit,
    };
}

report::run_result run_with(std::vector<report::threshold_result> criteria) {
    report::run_result r;
    r.run.stopped_by = "duration";
    r.fleet.connected_peak = 50;
    r.thresholds = std::move(criteria);
    return r;
}

app::step_outcome judged(const report::run_result& r) {
    return outcome_of(r, 3, {50, false});
}

} // namespace

TEST_CASE("a step is accepted when every criterion holds") {
    struct row {
        std::vector<report::threshold_result> criteria;
        verdict said;
        bool is_borderline;
    };
    const row rows[]{
        {{criterion(10, 100), criterion(20, 100)}, verdict::accepted, false},
        {{criterion(10, 100), criterion(95, 100)}, verdict::accepted, true},
        {{criterion(10, 100), criterion(150, 100)}, verdict::rejected, false},
        {{criterion(10, 100), criterion(105, 100)}, verdict::rejected, true},
        {{criterion(300, 100), criterion(105, 100)}, verdict::rejected, false},
        {{criterion(3, 0)}, verdict::rejected, false},
        {{criterion(0, 100)}, verdict::accepted, false},
        {{{.expression = "verify.missing==0", .note = "--verify is off"}}, verdict::rejected, false
        },
    };
    for (const auto& [criteria, said, is_borderline] : rows) {
        const auto o = judged(run_with(criteria));
        CHECK(o.what == kind::judged);
        CHECK(o.step.said == said);
        CHECK(o.step.is_borderline == is_borderline);
        CHECK(o.step.agents == 50);
        CHECK(o.step.iteration == 3);
        CHECK(o.step.criteria == criteria);
    }
}

TEST_CASE("crossed thresholds of the run itself are left to the criteria") {
    auto r = run_with({criterion(10, 100)});
    r.findings = {{99, "1 of 1 thresholds were not met"}};
    CHECK(judged(r).step.said == verdict::accepted);
}

TEST_CASE("what verification found rejects a size, whatever the criteria ask for") {
    auto r = run_with({criterion(95, 100)});
    r.findings = {{97, "3 rows are altered"}, {99, "1 of 1 thresholds were not met"}};
    const auto o = judged(r);
    CHECK(o.step.said == verdict::rejected);
    CHECK(o.step.reason == "3 rows are altered");
    CHECK_FALSE(o.step.is_borderline);
}

TEST_CASE("a run that failed rejects its size, however good the criteria") {
    auto r = run_with({criterion(95, 100)});
    r.findings = {{1, "12 of 50 agents never connected"}};
    const auto o = judged(r);
    CHECK(o.what == kind::judged);
    CHECK(o.step.said == verdict::rejected);
    CHECK(o.step.reason == "12 of 50 agents never connected");
    CHECK_FALSE(o.step.is_borderline);
}

TEST_CASE("what says nothing about the size of a fleet ends the search") {
    auto r = run_with({criterion(10, 100)});
    SUBCASE("a signal") {
        r.run.stopped_by = "signal";
        CHECK(judged(r).what == kind::interrupted);
    }
    SUBCASE("nobody connected") {
        r.fleet.connected_peak = 0;
        r.findings = {{1, "connection refused"}};
        const auto o = judged(r);
        CHECK(o.what == kind::failed);
        CHECK(o.why == "connection refused");
        CHECK(o.code == app::exit_code::failed);
    }
    SUBCASE("we are not let in") {
        r.findings = {{1, "something else"}, {3, "the token was refused"}};
        const auto o = judged(r);
        CHECK(o.what == kind::failed);
        CHECK(o.code == app::exit_code::auth);
    }
    SUBCASE("the generator was the bottleneck, even when the run failed, too") {
        r.findings = {{1, "12 of 50 agents never connected"}, {98, "late"}};
        const auto o = judged(r);
        CHECK(o.what == kind::generator);
        CHECK(o.why == "late");
        CHECK(o.step.said == verdict::invalid);
    }
}

TEST_CASE("a step keeps the figures of its run") {
    auto r = run_with({});
    r.phases = {{"ramp", 2s}, {"run", 8s}, {"drain", 1s}};
    auto& s = r.stats;
    s.counters[static_cast<std::size_t>(stats::counter::metrics_sent)] = 1234;
    s.latencies[static_cast<std::size_t>(stats::latency::fence)].record(1500us);
    s.latencies[static_cast<std::size_t>(stats::latency::send_lag)].record(4ms);
    r.server_process = report::watched_process{.cpu_live = 5500ms};
    r.verified = report::verification{.metrics = {{.name = "5sec", .missing = 7}}, .ping = {}};
    const auto step = judged(r).step;
    CHECK(step.messages_per_second == doctest::Approx(123.4));
    CHECK(step.fence_p50_ms == doctest::Approx(1.5));
    CHECK(step.fence_p99_ms == doctest::Approx(1.5));
    CHECK(step.send_lag_p99_ms == doctest::Approx(4));
    CHECK_FALSE(step.freshness_p95_ms);
    CHECK(step.server_cpu_pct == doctest::Approx(50));
    CHECK(step.missing == 7);
}
