#pragma once
// Scripted events in machines' lives, to be noticed by whoever watches them. Immutable once made.
// Reentrant.

#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace vsim::model {

enum class incident_kind { cpu, memory, disk, ping, silent };

struct incident {
    incident_kind kind = incident_kind::cpu;
    util::wall_time start{}, end{}; // [start, end)
    double share = 1;               // of the fleet, 0..1
};

class incident_plan {
public:
    incident_plan(std::uint64_t seed, std::vector<incident> incidents)
        : seed_{seed}, incidents_{std::move(incidents)} {}

    std::span<const incident> incidents() const { return incidents_; }
    // Does the `n`th incident hit that machine? So it does a share of all machines, each incident
    // its own, and more of them the larger the share is.
    bool strikes(std::size_t n, std::uint32_t index) const;

private:
    std::uint64_t seed_;
    std::vector<incident> incidents_;
};

// Kinds of incident, a bit for each.
class incident_kinds {
public:
    bool holds(incident_kind k) const { return (bits_ >> static_cast<unsigned>(k) & 1) != 0; }
    void add(incident_kind k) { bits_ |= 1U << static_cast<unsigned>(k); }
    bool empty() const { return bits_ == 0; }
    bool operator==(const incident_kinds&) const = default;

private:
    unsigned bits_ = 0;
};

// What a plan holds for one machine. The plan, if there is one, outlives it.
class fate {
public:
    fate() = default; // nothing
    // Times are those of the machine's clock, which is `skew` ahead of the plan's.
    fate(const incident_plan* plan, std::uint32_t index, util::nanoseconds skew = {})
        : plan_{plan}, skew_{skew}, index_{index} {}

    incident_kinds at(util::wall_time t) const {
        return plan_ == nullptr ? incident_kinds{} : planned_at(t);
    }
    bool is_silent(util::wall_time t) const { return at(t).holds(incident_kind::silent); }
    // The first instant behind `t` at which at() may change; wall_time::max() if it never will.
    util::wall_time next_change(util::wall_time t) const {
        return plan_ == nullptr ? util::wall_time::max() : planned_change(t);
    }

private:
    incident_kinds planned_at(util::wall_time t) const;
    util::wall_time planned_change(util::wall_time t) const;

    const incident_plan* plan_ = nullptr;
    util::nanoseconds skew_{0};
    std::uint32_t index_ = 0;
};

} // namespace vsim::model
