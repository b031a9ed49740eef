#pragma once
// How many agents are on the server now, were at most, and ever: counted by the agents as they come
// and go, read by the reporter. Thread-safe.

#include "util/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>

namespace vsim::agent {

class census {
public:
    struct figures {
        std::uint64_t online = 0;
        std::uint64_t peak = 0;
        std::uint64_t ever = 0;     // agents, not connections
        std::uint64_t goodbyes = 0; // agents that ended with all they had to say
        std::optional<util::steady_time> complete_since; // when `ever` became everybody
    };

    explicit census(std::uint64_t everybody) : everybody_{everybody} {}

    void arrive(bool is_first_time, util::steady_time now) {
        const std::lock_guard lock{mutex_};
        f_.peak = std::max(f_.peak, ++f_.online);
        if (is_first_time && ++f_.ever == everybody_) {
            f_.complete_since = now;
        }
    }
    void leave(bool said_goodbye) {
        const std::lock_guard lock{mutex_};
        --f_.online;
        f_.goodbyes += said_goodbye ? 1 : 0;
    }
    figures now() const {
        const std::lock_guard lock{mutex_};
        return f_;
    }

private:
    const std::uint64_t everybody_;
    mutable std::mutex mutex_;
    figures f_;
};

} // namespace vsim::agent
