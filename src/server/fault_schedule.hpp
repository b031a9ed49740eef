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
#include <functional>
#include <string>

namespace vsim::server {

class fault_schedule {
public:
    // `say` is told of each fault as it happens. All but the plan outlive the schedule.
    fault_schedule(
        net::pool& p,
        net::listener& door,
        agents& all,
        const registry& servers,
        fault_plan plan,
        std::function<void(const std::string&)> say
    );

    // Now is the time from which the plan counts.
    void start();
    // Ends what is still to come; a stall under way lasts as long as it should.
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
    const std::function<void(const std::string&)> say_;
    util::steady_time began_;
    net::ticker ticker_;
    net::group running_;
};

} // namespace vsim::server
