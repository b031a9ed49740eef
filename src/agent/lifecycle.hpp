#pragma once
// What an agent does when its connection cannot be made or breaks: how long it waits, and what that
// counts as. Sans I/O: told what happened, it answers. Thread-bound.

#include "util/clock.hpp"

#include <cstdint>

namespace vsim::agent {

// The real agent's delays (protocol.md 5.2): 5 s, doubling, at most a minute. Unlike there, an
// authenticated connection starts the series afresh, and up to half the delay is added at random:
// a fleet that lost its server must not come back as one herd.
inline constexpr util::seconds first_delay{5};
inline constexpr util::seconds longest_delay{60};

class lifecycle {
public:
    // Without jitter the delays are just the real agent's, and a fleet does come back as one herd.
    lifecycle(std::uint64_t seed, std::uint32_t index, bool without_jitter = false);

    // The server said ok. True: for the first time in this agent's life.
    bool on_welcome();
    // The attempt failed or the connection ended: the delay before the next attempt.
    util::nanoseconds on_end();

    bool was_ever_welcome() const { return was_welcome_; }

private:
    std::uint64_t key_;
    std::uint32_t draws_ = 0;    // makes every jitter another one
    std::uint32_t failures_ = 0; // since the last welcome
    bool was_welcome_ = false;
    bool without_jitter_;
};

} // namespace vsim::agent
