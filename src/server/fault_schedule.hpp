#pragma once
// Does what a fault plan says at the times it says: stalls, refuses, closes, kills. Nothing of the
// server knows of it. Thread-bound to the pool's serial executor 0.

#include "net/group.hpp"
#include "net/listener.hpp"
#include "net/pool.hpp"
#include "net/ticker.hpp"
#include "server/agents.hpp"
#include "server/fault.hpp"
#include "server/registry.hpp"

#include <cstddef>
#include <cstdint>

namespace vsim::server {

class fault_schedule {
public:
    // All but plan and hooks outlive the schedule.
    fault_schedule(
        net::pool& p,
        net::listener& door,
        agents& all,
        const registry& servers,
        fault_plan plan,
        fault_hooks hooks
    );

    // Now is the time from which the plan counts.
    void start();
    // Ends what is still to come. A stall under way lasts as long as it should, or until the hooks
    // say that the server is to stop: this is not even called before.
    net::task<> stop();

private:
    net::task<> stall(fault_span s);
    net::task<> refuse(fault_span s);
    net::task<> kill(util::nanoseconds at);
    net::task<> close_some();
    std::size_t close_unlucky(std::uint64_t second);

    net::pool& pool_;
    net::listener& door_;
    agents& agents_;
    const registry& servers_;
    const fault_plan plan_;
    const fault_hooks hooks_;
    util::steady_time began_;
    std::size_t refusals_ = 0; // in force
    net::ticker ticker_;
    net::group running_;
};

} // namespace vsim::server
