#pragma once
// A made-up search for the reports to be made from.

#include "report/capacity.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vsim::test {

inline report::capacity_step
made_up_step(std::uint32_t iteration, std::uint32_t agents, double fence_p99_ms) {
    using namespace std::chrono_literals;
    report::capacity_step s;
    s.iteration = iteration;
    s.agents = agents;
    s.criteria = {
        {.expression = "fence.p99<100ms",
         .value = fence_p99_ms,
         .limit = 100,
         .unit = "ms",
         .is_ok = fence_p99_ms < 100},
        {.expression = "freshness.p95<8s", .value = 5.01, .limit = 8, .unit = "s", .is_ok = true},
        {.expression = "verify.missing==0", .value = 0, .is_ok = true},
    };
    s.said = fence_p99_ms < 100 ? report::capacity_step::verdict::accepted
                                : report::capacity_step::verdict::rejected;
    s.started_at = util::from_unix_seconds(1'795'500'000 + 70 * iteration);
    s.took = 62'500ms;
    s.messages_per_second = agents / 3.0;
    s.fence_p50_ms = 0.412;
    s.fence_p99_ms = fence_p99_ms;
    s.freshness_p95_ms = 5010;
    s.send_lag_p99_ms = 5.5;
    s.missing = 0;
    s.server_cpu_pct = agents / 40.0;
    return s;
}

inline report::capacity_facts example_search() {
    using namespace std::chrono_literals;
    report::capacity_facts f{
        .from = 1000,
        .to = 10'000,
        .resolution = 0.05,
        .step_duration = 60s,
        .steps = {},
        .end = report::capacity_end::found,
    };
    f.steps = {
        made_up_step(1, 1000, 4.5),
        made_up_step(2, 2000, 6),
        made_up_step(3, 4000, 250),
        made_up_step(4, 3000, 95),
        made_up_step(5, 3000, 90),
        made_up_step(6, 3100, 1234),
    };
    f.steps[3].is_borderline = true;
    f.steps[4].is_borderline = true;
    f.steps[4].is_repeat = true;
    f.largest_accepted = 3000;
    f.smallest_rejected = 3100;
    return f;
}

} // namespace vsim::test
