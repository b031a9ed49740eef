#pragma once
// When a server ticks, from when its deltas arrive: every 5 s (protocol.md 7.2), from a beginning
// that it does not tell; a delta's own time has whole seconds only.
//
// Of the last arrivals, modulo the tick, the one is taken behind which the others lie closest: the
// fastest delivery. So the phase is late by the time of that fastest one (making, sending and
// reading a delta), and a wait computed from it too long by as much. A delta that comes late,
// because the server stalled or the network did, does not move the phase: one that follows its
// predecessor by more than a tick and a half is not looked at, and few others are outvoted.
// Thread-bound.

#include "util/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace vsim::viewer {

inline constexpr util::seconds server_tick{5};

class tick_phase {
public:
    void arrived(util::wall_time at);
    // The next arrival follows nothing: a new connection.
    void interrupted() { last_.reset(); }

    bool is_known() const { return count_ > 0; }
    // The first tick at or after `t`; a whole tick after `t` while nothing is known, which is the
    // latest it may be.
    util::wall_time next(util::wall_time t) const;

private:
    static constexpr std::size_t kept = 32;

    std::array<util::nanoseconds, kept> offsets_{}; // modulo the tick
    std::size_t count_ = 0, place_ = 0;
    util::nanoseconds phase_{0};
    std::optional<util::wall_time> last_;
};

} // namespace vsim::viewer
