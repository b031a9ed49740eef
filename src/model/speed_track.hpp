#pragma once
// The network speeds of a machine's samples and nothing else of them, for instants that lie near
// each other: what sample() gives, for a hundredth of its work. Thread-bound.

#include "model/machine.hpp"
#include "model/schedule.hpp"
#include "model/traffic.hpp"
#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace vsim::model {

struct network_speeds {
    std::uint64_t rx = 0, tx = 0; // bytes/s
    bool operator==(const network_speeds&) const = default;
};

class speed_track {
public:
    explicit speed_track(const machine& m);

    // As in m.sample(t, interval).network.
    network_speeds at(util::wall_time t, util::nanoseconds interval);

    // The newest sample of `due` at or before `until` that has these speeds, looking back over at
    // most `samples` of them.
    std::optional<util::wall_time> find(
        const network_speeds& wanted,
        const schedule& due,
        util::wall_time until,
        std::size_t samples
    );

private:
    traffic_state counters(std::int64_t unix_ms) { return traffic_.at(unix_ms + local_shift_ms_); }

    traffic_track traffic_;
    std::int64_t local_shift_ms_; // local time - Unix time
};

} // namespace vsim::model
