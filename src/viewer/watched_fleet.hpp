#pragma once
// The truth behind what viewers see: who the agents are, what they have sent, which sample two
// speeds come from. Given by whoever runs the fleet. Thread-safe.

#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::viewer {

struct speeds {
    std::uint64_t rx = 0, tx = 0; // bytes/s
    bool operator==(const speeds&) const = default;
};

// What an agent has sent of late. Times are when samples were due, by the viewers' clock.
struct reports {
    util::wall_time last;        // sample
    util::wall_time since;       // every sample from this one to the last was sent
    util::wall_time back;        // since then the server has always had one of the last 30 s
    util::milliseconds interval; // between samples
};

class watched_fleet {
public:
    virtual ~watched_fleet() = default;

    virtual std::size_t size() const = 0;
    // Which agent, 0 .. size() - 1, a server id belongs to; none: a server that is not ours.
    virtual std::optional<std::size_t> find(std::string_view id) const = 0;
    virtual std::string id(std::size_t agent) const = 0;
    virtual std::string name(std::size_t agent) const = 0;
    virtual std::optional<reports> reported(std::size_t agent) const = 0;
    // When the newest sample of the agent with these speeds was due, if it was due before `now`
    // and not long ago.
    virtual std::optional<util::wall_time>
    identify(std::size_t agent, const speeds& s, util::wall_time now) const = 0;
};

} // namespace vsim::viewer
