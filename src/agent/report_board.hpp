#pragma once
// Which samples the agents have sent of late, for whoever wants to know what a server ought to
// show: written by the agents, read while they run. Times are those of the world's clock, not of
// agents whose clock is ahead. Thread-safe.

#include "agent/identity.hpp"
#include "util/clock.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>

namespace vsim::agent {

class report_board {
public:
    explicit report_board(std::span<const identity> who);

    // The kernel took the sample of `at`. One agent's, in order.
    void note(std::uint32_t index, util::wall_time at, util::milliseconds interval);

    struct reports {
        util::wall_time last;  // sample
        util::wall_time since; // every sample from this one to the last was sent
        util::wall_time back;  // since then no two lie a server's patience apart
    };
    // None: nothing was sent, or nobody has that index.
    std::optional<reports> of(std::uint32_t index) const;

private:
    using instant = std::atomic<util::wall_time::rep>;
    struct entry {
        instant last, since, back; // last 0: nothing yet
    };

    std::deque<entry> entries_;
    std::unordered_map<std::uint32_t, entry*> by_index_; // constant
};

} // namespace vsim::agent
