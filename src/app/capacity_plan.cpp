#include "app/capacity_plan.hpp"

#include "app/capacity_search.hpp"
#include "app/preflight.hpp"
#include "report/units.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace vsim::app {
namespace {

using report::grouped;

constexpr std::string_view default_criteria[]{
    "fence.p99<100ms", "freshness.p95<8s", "errors.rate<0.1%", "verify.missing==0"
};

// Of a larger fleet so many agents are compared: enough to see a loss of one message in ten
// thousand, and done in seconds.
constexpr std::uint32_t most_verified = 1000;

} // namespace

capacity_config with_criteria(capacity_config c) {
    auto& r = c.run;
    if (r.thresholds.empty()) {
        for (const auto text : default_criteria) {
            r.thresholds.push_back(report::parse_threshold(text).value());
        }
    }
    const auto& all = r.thresholds;
    if (std::ranges::any_of(all, report::needs_fence)) {
        r.has_fences = true;
    }
    if (std::ranges::any_of(all, report::needs_viewers)) {
        r.viewers = std::max(r.viewers, 1U);
    }
    if (std::ranges::any_of(all, report::needs_readers)) {
        r.readers = std::max(r.readers, 1U);
    }
    if (std::ranges::any_of(all, report::needs_verification) && !r.verify) {
        r.verify = most_verified;
    }
    return c;
}

run_config step_of(const capacity_config& c, std::uint32_t agents) {
    auto r = c.run;
    r.mode = run_mode::realtime;
    r.count = agents;
    r.count_given = true;
    r.duration = c.step_duration;
    r.cleanup_after = false; // the fleet is that of all steps
    r.outputs.clear();
    // Or else everybody from an earlier step would go through its whole day again at its login.
    r.starts_anew = true;
    if (r.verify && *r.verify >= agents) {
        r.verify = 0; // all
    }
    return r;
}

util::nanoseconds longest_search(const capacity_config& c) {
    const auto steps = most_steps(c.from, c.to, c.resolution);
    const auto rate = c.run.connect_rate;
    const std::chrono::duration<double> ramp{rate > 0 ? c.to / rate : 0};
    const auto each = c.step_duration + std::chrono::duration_cast<util::nanoseconds>(ramp) +
                      (c.run.embedded ? util::nanoseconds{0} : c.settle);
    return std::chrono::ceil<std::chrono::seconds>(each * steps);
}

std::vector<std::string> plan_of(const capacity_config& c) {
    std::vector<std::string> expressions;
    for (const auto& t : c.run.thresholds) {
        expressions.push_back(t.expression);
    }
    std::vector<std::string> lines{
        fmt::format(
            "search: {} to {} agents, to {} of the answer",
            grouped(c.from),
            grouped(c.to),
            util::format_share(c.resolution)
        ),
        fmt::format("criteria: {}", fmt::join(expressions, ", ")),
        fmt::format(
            "steps: at most {} of {}, {} in all with the longest ramps{}; twice that if every "
            "step is so near a limit that it is repeated",
            most_steps(c.from, c.to, c.resolution),
            util::format_duration(c.step_duration),
            util::format_duration(longest_search(c)),
            c.run.embedded ? "" : " and the rests between"
        ),
        c.run.embedded ? "each step has a reference server of its own"
                       : "the fleet is registered once; each step connects the first so many of it",
        "the largest step:"
    };
    for (const auto& line : plan_of(step_of(c, c.to))) {
        lines.push_back("  " + line);
    }
    return lines;
}

} // namespace vsim::app
