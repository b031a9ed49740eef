#include "model/speed_track.hpp"

#include <algorithm>
#include <chrono>

namespace vsim::model {

namespace {

std::int64_t unix_ms(util::wall_time t) {
    return std::chrono::floor<util::milliseconds>(t).time_since_epoch().count();
}

// As machine::sample() makes them.
network_speeds
speeds_of(const traffic_state& now, const traffic_state& before, std::uint64_t step_ms) {
    return {(now.rx - before.rx) * 1000 / step_ms, (now.tx - before.tx) * 1000 / step_ms};
}

} // namespace

speed_track::speed_track(const machine& m) : traffic_{m.traffic_}, local_shift_ms_{m.local_ms(0)} {}

network_speeds speed_track::at(util::wall_time t, util::nanoseconds interval) {
    const auto step =
        std::max<std::int64_t>(std::chrono::duration_cast<util::milliseconds>(interval).count(), 1);
    const auto before = counters(unix_ms(t) - step);
    return speeds_of(counters(unix_ms(t)), before, static_cast<std::uint64_t>(step));
}

std::optional<util::wall_time> speed_track::find(
    const network_speeds& wanted, const schedule& due, util::wall_time until, std::size_t samples
) {
    auto t = due.at_or_before(until);
    const auto step = due.interval().count();
    auto now = counters(unix_ms(t));
    for (; samples > 0; --samples, t -= due.interval()) {
        const auto before = counters(unix_ms(t) - step); // the next one's counters
        if (speeds_of(now, before, static_cast<std::uint64_t>(step)) == wanted) {
            return t;
        }
        now = before;
    }
    return std::nullopt;
}

} // namespace vsim::model
