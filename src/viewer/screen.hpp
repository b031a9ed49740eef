#pragma once
// What one dashboard page shows of the fleet, and how old that is. Sans-I/O: fed with the server's
// messages and the time at which each arrived. Thread-bound.
//
// Every sample that an agent has sent since the page was opened is judged once: when the server
// first shows it *or a newer one of that agent*. Its age then runs from the time at which it was
// due. A server keeps an agent's newest sample only, so most that come between two ticks are never
// shown themselves; they count all the same, with the wait for the one that took their place. That
// is why a stall cannot hide behind what it has made obsolete, and why the wait for a tick, the
// floor of every age, is even between 0 and 5 s. At the end a sample that is overdue counts with
// the age it has then. Samples that were not sent (outages, churn, silence) are nobody's fault; one
// that was sent late, as after a silent outage, counts from when it was due, as in send_lag.
//
// Excess is the same age without the wait for the tick at which the sample could first be shown:
// the first one `on_the_way` after it was due, or the one before if the server was faster. It is
// off by the error of the phase (tick_phase.hpp), a few milliseconds too small.

#include "proto/dashboard.hpp"
#include "stats/recorder.hpp"
#include "viewer/flip_log.hpp"
#include "viewer/tick_phase.hpp"
#include "viewer/watched_fleet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vsim::viewer {

// A sample that is sent so shortly before a tick need not have arrived by then.
inline constexpr util::milliseconds on_the_way{100};

class screen {
public:
    // Opened at `now`. What is given outlives it.
    screen(
        const watched_fleet& fleet, stats::recorder& counts, flip_log& flips, util::wall_time now
    );

    // A new connection: its stream comes next.
    void connect();
    // A message. What is malformed is counted and changes nothing. A long one is only begun: work()
    // until that returns false, before the next.
    void take(std::string_view text, util::wall_time arrival);
    // Some more entries of the message; whether there are more.
    bool work(std::size_t entries);
    // No messages come any more.
    void finish(util::wall_time now);

    // Whether a sample of the agent was ever seen.
    bool has_seen(std::size_t agent) const { return agents_[agent].is_seen; }
    // When a sample that was due at `t` can first be shown, as far as is known.
    util::wall_time first_chance(util::wall_time t) const { return phase_.next(t + on_the_way); }

private:
    struct shown {
        util::wall_time sample; // the newest; at first the opening, before which none counts
        std::uint64_t rx = 0, tx = 0;
        bool has_rx = false, has_tx = false;
        bool is_online = false;
        bool is_seen = false;
        bool is_told = false; // by a delta of this connection, newer than the stream
    };

    void take_server(const proto::server_view& s);
    void take_entry(const proto::delta_entry& e);
    void look(std::size_t agent);
    void judge(std::size_t agent, util::wall_time newest);
    void record(util::wall_time sample, util::wall_time at);
    void go_offline(std::size_t agent);

    const watched_fleet& fleet_;
    stats::recorder& counts_;
    flip_log& flips_;
    tick_phase phase_;
    std::vector<shown> agents_;
    proto::delta delta_; // and how much of it has been taken
    std::size_t taken_ = 0;
    util::wall_time arrival_{};
};

} // namespace vsim::viewer
