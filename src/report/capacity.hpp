#pragma once
// What a search for the largest fleet found, as plain values: its steps, the answer, where the
// server began to bend. Reentrant.

#include "report/threshold_result.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

// A run of so many agents, judged. Optional members are absent where nothing was measured.
struct capacity_step {
    enum class verdict {
        accepted,
        rejected,
        invalid, // the generator was the bottleneck: says nothing about the server
    };

    std::uint32_t iteration = 0; // from 1
    std::uint32_t agents = 0;
    bool is_repeat = false;     // of the step before, which was too near a limit to be sure
    bool is_borderline = false; // too near a limit to be sure
    verdict said = verdict::rejected;
    std::string reason{}; // what else than a criterion rejected it; "" = nothing
    std::vector<threshold_result> criteria{};
    util::wall_time started_at{};
    util::nanoseconds took{0};

    double messages_per_second = 0; // of metrics, from ramp to the end of the run phase
    std::optional<double> fence_p50_ms{}, fence_p99_ms{};
    std::optional<double> freshness_p95_ms{};
    std::optional<double> send_lag_p99_ms{};
    std::optional<std::uint64_t> missing{}; // rows that the server does not have
    std::optional<double> server_cpu_pct{}; // of one core
};

std::string_view name(capacity_step::verdict v);

// Where latency left the line it had kept: the smallest tested fleet whose p99 is more than
// `knee_factor` times that of the smallest fleet, and at least a millisecond above it.
struct capacity_knee {
    std::string metric; // "fence.p99", or "send_lag.p99" where no fence was measured
    std::uint32_t below = 0, agents = 0; // the largest fleet before it, and the fleet
    double base_ms = 0, value_ms = 0;
};
inline constexpr double knee_factor = 2;

enum class capacity_end {
    found,       // between the largest accepted and the smallest rejected fleet
    all_good,    // --to was accepted
    none_good,   // --from was rejected
    generator,   // a run was invalid
    interrupted, // Ctrl-C
    failed,      // a step could not be run
};
std::string_view name(capacity_end e);

struct capacity_facts {
    std::uint32_t from = 0, to = 0;
    double resolution = 0;
    util::nanoseconds step_duration{0};
    std::vector<capacity_step> steps; // in the order of their iterations
    capacity_end end = capacity_end::found;
    std::string end_reason{}; // why it is generator or failed
    std::optional<std::uint32_t> largest_accepted{}, smallest_rejected{};
    std::string how_to_resume{}; // "" = it cannot, or need not
};

// The last word on `agents`, repetitions included; null: no such step.
const capacity_step* decisive_step(const capacity_facts& f, std::uint32_t agents);

// What broke first: the criterion that failed at the smallest rejected fleet, by the widest margin.
const threshold_result* first_broken(const capacity_facts& f);

std::optional<capacity_knee> knee_of(const std::vector<capacity_step>& steps);

} // namespace vsim::report
