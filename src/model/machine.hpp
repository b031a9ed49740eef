#pragma once
// A simulated machine: a pure function of (seed, index, time). No call needs an earlier one, none
// asks what time it is. Cheap to make, so make one rather than keep one. Reentrant.

#include "agg/fold.hpp"
#include "proto/metrics.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vsim::model {

struct profile;  // kind of machine: web, db, cache, batch, idle, edge ...
struct location; // where it stands

class machine {
public:
    machine(std::uint64_t seed, std::uint32_t index);

    std::string_view profile_name() const;             // "web"
    std::string_view location_name() const;            // for the server list: "🇩🇪 Frankfurt"
    std::string_view provider() const;                 // "Hetzner"
    std::span<const agg::target_name> targets() const; // ping targets, the same for every machine

    // What history keeps of the sample at `t`; `weight` is set by the caller. Under a microsecond.
    agg::reading read(util::wall_time t) const;

    // The whole sample at `t`, speeds over the `interval` before it. Holds exactly (design.md 2):
    // used + available = total; percentages = used/total; usage = mean of per_core; counters never
    // fall; counter(t) - counter(t - interval) = speed × interval (to the whole byte per second,
    // rounded down); uptime advances by the second; percentages, cpu and latencies equal read(t).
    proto::system_metrics
    metrics(std::string_view hostname, util::wall_time t, util::nanoseconds interval) const;

private:
    std::uint64_t seed_;
    std::uint32_t index_;
    std::uint64_t key_; // hash of both: the root of every draw
    const profile* profile_;
    const location* location_;
};

} // namespace vsim::model
