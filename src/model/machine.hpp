#pragma once
// A simulated machine: a pure function of (seed, index, circumstances, time). No call needs an
// earlier one, none asks what time it is. Cheap to make, so make one rather than keep one.
// Reentrant.

#include "agg/fold.hpp"
#include "model/circumstances.hpp"
#include "model/incident.hpp"
#include "model/location.hpp"
#include "model/profile.hpp"
#include "model/sample.hpp"
#include "model/targets.hpp"
#include "model/traffic.hpp"
#include "model/traits.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace vsim::model {

// What every agent says it is, in auth and in every sample: a change would make the server write
// its configuration again (protocol.md 9.6).
inline constexpr std::string_view agent_version = "v0.0.0-sim";

class machine {
public:
    machine(std::uint64_t seed, std::uint32_t index, const circumstances& around = {});

    std::string_view profile_name() const { return profile_->name; }   // "web"
    std::string_view location_name() const { return location_->name; } // "🇩🇪 Frankfurt"
    std::string_view provider() const { return provider_; }            // "Hetzner"
    // In the order of its readings, those that rest included.
    std::span<const agg::target_name> targets() const { return targets_->names(); }
    // What incidents bring; the values of read() and sample() have them already.
    const model::fate& fate() const { return fate_; }
    // Then it takes no samples, as if its agent had been stopped. Its counters go on.
    bool is_silent(util::wall_time t) const { return fate_.is_silent(t); }

    // What history keeps of the sample at `t`; `weight` is 1. Under a microsecond.
    agg::reading read(util::wall_time t) const;

    // The whole sample at `t`, speeds over the `interval` before it. Holds exactly (design.md 2):
    // used + available = total; percentages = used/total; usage = mean of per_core;
    // counters never fall; (counter(t) - counter(t - interval)) / interval = speed, rounded down;
    // uptime advances by the second; percentages, counters and latencies equal read(t).
    model::sample sample(util::wall_time t, util::nanoseconds interval) const;

private:
    friend class reading_track; // which is how it is read
    friend class speed_track;
    std::uint64_t draw(std::uint64_t stream, std::uint64_t n = 0) const;
    std::int64_t local_ms(std::int64_t unix_ms) const;
    std::uint32_t disk(std::int64_t unix_ms, std::size_t n) const; // 0.01 %

    // Parts of a sample; what it needs of the rest of it is there already.
    void add_cores(cpu_sample& to, std::int64_t unix_ms) const;
    void add_memory(memory_sample& to) const;
    void add_disks(
        model::sample& to, const agg::reading& now, std::int64_t unix_ms, double activity
    ) const;
    void add_network(
        network_sample& to,
        const agg::reading& now,
        const traffic_state& before,
        const traffic_volume& midnight,
        std::uint64_t step_ms
    ) const;
    void add_load(
        model::sample& to, std::int64_t unix_ms, double activity, incident_kinds incidents
    ) const;
    void add_pings(model::sample& to, const agg::reading& now) const;
    void add_gpus(model::sample& to, std::int64_t unix_ms, double activity) const;

    std::uint64_t key_; // hash of seed and index: the root of every draw
    std::uint32_t index_;
    const traits* traits_;
    const target_set* targets_;
    model::fate fate_;
    const profile* profile_;
    const location* location_;
    const hardware* hardware_;
    std::string_view provider_;
    traffic_model traffic_;
};

} // namespace vsim::model
