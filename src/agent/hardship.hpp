#pragma once
// What befalls an agent's connection from outside: scripted outages and random drops, as a pure
// function of (seed, index, time). Nothing is kept, so any question may be asked at any time, in
// any order, by any number of threads. Times count from the beginning of the run phase, when the
// ramp is complete. Reentrant.

#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vsim::agent {

enum class cut {
    close,     // the connection breaks, which both sides notice; attempts fail until the end
    half_open, // the agent has lost it and connects anew at the end; the server is told nothing
    silent,    // nothing passes in either direction; at the end the same connection goes on
};

struct outage {
    util::nanoseconds at{0}, length{0}; // [at, at + length), length > 0
    double share = 1;                   // of the fleet, drawn for each outage anew
    cut how = cut::close;
    bool operator==(const outage&) const = default;
};

struct hardship_plan {
    std::vector<outage> outages;
    double churn = 0; // drops a minute and agent, on average
    bool is_empty() const { return outages.empty() && churn <= 0; }
};

// An agent loses its connection at `at` and has no way to the server before `until`: the end of
// the outage and of those that overlap it or follow at once. A churning one may come back at once.
struct blow {
    util::nanoseconds at{0}, until{0};
    cut how = cut::close;
    bool is_churn = false;
    bool operator==(const blow&) const = default;
};

class hardships {
public:
    hardships(std::uint64_t seed, hardship_plan plan);

    // The first that begins after `after`, be the agent cut off by an earlier one or not (drops
    // within an outage are left out, though). Ask with -1 ns for what begins with the run. Costs a
    // few hashes, and one for each outage.
    std::optional<blow> next(std::uint32_t index, util::nanoseconds after) const;

    // Set while the agent is inside an outage at `t`: the end of it, as in blow::until.
    std::optional<util::nanoseconds> cut_until(std::uint32_t index, util::nanoseconds t) const;

    const hardship_plan& plan() const { return plan_; }
    // Is the agent among those that the plan's n-th outage hits?
    bool is_hit(std::size_t n, std::uint32_t index) const;

private:
    std::optional<blow> next_outage(std::uint32_t index, util::nanoseconds after) const;
    std::optional<util::nanoseconds> next_drop(std::uint32_t index, util::nanoseconds after) const;
    std::optional<util::nanoseconds>
    drop_in(std::uint32_t index, std::int64_t slot, util::nanoseconds after) const;

    std::uint64_t seed_;
    hardship_plan plan_;
    util::nanoseconds slot_{0}; // one drop on average; 0: no churn
};

} // namespace vsim::agent
