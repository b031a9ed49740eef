#pragma once
// May the figures of a run be trusted? The rule, and every number in it. Reentrant.
//
// What is judged is the run phase alone: from the end of the ramp until the last agent has said
// goodbye. The generator was the bottleneck, and the run is invalid, when
//   - the p99 of its own lag is above --max-lag. Own lag is how late an agent's turn came, of
//     samples that no wait for the server held up; samples that were skipped because the turn came
//     an interval late or more count with what they had by then. What the server or its network
//     holds up is its own result and never makes a run invalid; or
//   - its threads were saturated and that p99 is above a quarter of --max-lag: then every latency
//     has waited for the generator, and the next agent more makes it late.
// CPU alone is no verdict: threads may be busy and yet on time, and busy time stolen by others
// shows as lag. It is named as the cause where it is one. An embedded server runs in threads of its
// own, which are not counted among these; where it takes the cores away, that shows as lag, too.
// Without a schedule (interval 0) there is no lag and nothing is judged.

#include "report/run_result.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace vsim::report {

// A saturated generator is not granted the whole lag.
inline constexpr double saturated_share =
    0.95;                                // of the time of all its threads, on a core or ready
inline constexpr int saturated_part = 4; // of --max-lag
// What is worth a warning.
inline constexpr double near_lag = 0.5;   // of --max-lag
inline constexpr double near_busy = 0.8;  // of the time of all threads
inline constexpr double much_wait = 0.2;  // of the time of a thread, ready but without a core
inline constexpr double much_steal = 5;   // percent of the machine
inline constexpr double much_in_use = 95; // percent of the machine

// What was measured in the run phase.
struct generator_figures {
    bool has_schedule = true;
    bool has_embedded_server = false;
    util::nanoseconds max_lag{0};
    std::optional<util::nanoseconds> own_lag_p99{};  // absent: no sample was due
    std::optional<util::nanoseconds> send_lag_p99{}; // with what the server held up
    std::uint64_t late = 0;                          // samples skipped for lag
    double cpu_pct = 0;                              // of one core
    std::vector<double> threads_busy;                // share of the time on a core, of each thread
    std::vector<double> threads_waiting;             // ready, but without one; empty: not known
    std::optional<double> steal_pct{};
    std::optional<double> machine_pct{};
};

honesty judge(const generator_figures& f);

} // namespace vsim::report
