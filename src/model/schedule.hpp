#pragma once
// When an agent samples: at phase + k × interval since the epoch, for ever, connected or not. So
// the buckets it must end up with depend on nothing but (seed, index, interval, from, to).
// Reentrant.

#include "util/clock.hpp"

#include <cstdint>

namespace vsim::model {

class schedule {
public:
    // The phase spreads agents evenly over the interval: hash(seed, index), whole milliseconds.
    // Precondition: interval >= 1 ms.
    schedule(std::uint64_t seed, std::uint32_t index, util::milliseconds interval);

    util::milliseconds interval() const { return interval_; }
    util::milliseconds phase() const { return phase_; }   // [0, interval)
    util::wall_time at_or_after(util::wall_time t) const; // first sample instant >= t
    util::wall_time after(util::wall_time t) const;       // first sample instant > t
    util::wall_time at_or_before(util::wall_time t) const;
    std::int64_t count(util::wall_time from, util::wall_time to) const; // instants in (from, to]

private:
    util::milliseconds interval_;
    util::milliseconds phase_;
};

} // namespace vsim::model
