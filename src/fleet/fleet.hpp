#pragma once
// Many agents: their histories, a few at a time; the ramp, at a rate; their life; their end. One
// object for a run, its phases called one after the other. Thread-safe where it says so, else
// thread-bound to the caller's executor.

#include "agent/agent.hpp"
#include "agent/census.hpp"
#include "agent/identity.hpp"
#include "agent/surroundings.hpp"
#include "net/group.hpp"
#include "net/limiter.hpp"
#include "net/pool.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <vector>

namespace vsim::fleet {

// Histories on their way at once. The server stores slower than we send, so more would only make it
// hold more; fewer would leave it idle between two.
inline constexpr std::size_t histories_at_once = 16;

class fleet {
public:
    // A soft stop is `s.pace->stop()`. The census of `s` is the fleet's own.
    fleet(net::pool& p, agent::surroundings s, std::vector<agent::identity> who);

    // Returns when every agent's history has been read by the server, has failed, or was stopped.
    net::task<> send_history();

    // Starts every agent's life, `connect_rate` of them a second (0: as fast as the server takes
    // them), with at most 64 first attempts under way; returns when each has made its first
    // attempt. A soft stop ends it early.
    net::task<> ramp(double connect_rate);
    // After a soft stop: returns when the last agent has said goodbye.
    net::task<> drain();

    agent::census::figures figures() const { return online_.now(); } // thread-safe
    std::size_t size() const { return agents_.size(); }
    // By index; once drained.
    const std::deque<agent::agent>& agents() const { return agents_; }

private:
    net::task<> history_worker();

    net::pool& pool_;
    agent::census online_;
    agent::surroundings s_;
    std::deque<agent::agent> agents_; // stay where they are
    std::atomic<std::size_t> next_history_ = 0;
    net::limiter attempts_;
    net::group tasks_;
};

} // namespace vsim::fleet
