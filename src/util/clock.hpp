#pragma once
// Wall and steady time as different types, and RFC 3339 text. Reading the clock happens in net,
// fleet and app only; everything below is given the time. Reentrant.

#include "util/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace vsim::util {

using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>; // Unix time, UTC
using steady_time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// One reading of both clocks, so that wall instants can be waited for on the steady clock: a run
// never jumps when somebody sets the machine's time.
struct clock_anchor {
    wall_time wall;
    steady_time steady;

    static clock_anchor now();
    wall_time to_wall(steady_time t) const { return wall + (t - steady); }
    steady_time to_steady(wall_time t) const {
        return steady + std::chrono::duration_cast<steady_time::duration>(t - wall);
    }
};

// Floor, also before 1970.
inline std::int64_t unix_seconds(wall_time t) {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}
inline wall_time from_unix_seconds(std::int64_t s) {
    return wall_time{std::chrono::seconds{s}};
}

// "2026-11-24T03:46:33Z" with `digits` (0..9) of fraction; the fraction is cut, not rounded.
std::string format_rfc3339(wall_time t, int digits = 0);

// RFC 3339 as Go's decoder takes it (protocol.md 2.2): upper-case T, Z or ±hh:mm, any fraction.
// `offset` of the result is the zone the text was written in. A year that wall_time does not hold
// becomes the nearest instant of 1679 to 2260, in UTC: a server that the old generator has filled
// says that it last saw an agent in the year 8797 (protocol.md 3.2).
struct zoned_instant {
    wall_time at;
    std::chrono::minutes offset{0};
    bool operator==(const zoned_instant&) const = default;
};
result<zoned_instant> parse_rfc3339(std::string_view text);

} // namespace vsim::util
