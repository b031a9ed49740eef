#pragma once
// One simulated agent: first, if asked, its machine's history; then its life on the server, sample
// by sample, through every loss of the connection until the soft stop. It keeps its identity, its
// open buckets and how far it has synced; everything it says is drawn from the model when it is
// said. Thread-bound: its coroutines run on one serial executor at a time.

#include "agent/identity.hpp"
#include "agent/lifecycle.hpp"
#include "agent/surroundings.hpp"
#include "agent/sync.hpp"
#include "model/machine.hpp"
#include "model/schedule.hpp"
#include "net/task.hpp"
#include "net/websocket.hpp"

#include <functional>

namespace vsim::agent {

class agent {
public:
    // A machine that is new at `birth`. `s` outlives the agent.
    agent(const surroundings& s, identity who, util::wall_time birth);

    const identity& who() const { return who_; }
    // Agents whose samples are due at the same time have the same: on one serial executor they cost
    // one wake-up.
    std::size_t turn() const;

    // The time before now, as far as surroundings::history says, closed with a handshake once the
    // server has read it all. Tries a few times; counts itself as history_agents_done or _failed,
    // or as neither when a soft stop came between. What live() sends later continues it.
    net::task<> send_history();

    // Connects, reports, connects again, until the soft stop; then lets the server's buffers settle
    // (protocol.md 4), sends the last aggregates and closes. `after_first_attempt` is called once,
    // whatever came of it.
    net::task<> live(std::function<void()> after_first_attempt);

private:
    struct timetable;

    model::machine machine() const { return {s_->seed, who_.index}; }
    bool is_paced() const { return s_->interval.count() > 0; }
    model::schedule samples() const { return {s_->seed, who_.index, s_->interval}; }
    model::schedule syncs() const { return {s_->seed ^ 1, who_.index, s_->agg_interval}; }
    util::wall_time now() const;
    void log_error(std::string_view stage, const util::error& e) const;
    void break_off(std::string_view stage, const util::error& e);

    net::task_result<> history_attempt(util::wall_time from, util::wall_time to);
    net::task<bool> connection(net::websocket& link); // did it end with a goodbye?
    util::result<void> take_messages(net::websocket& link) const;
    void serve(net::websocket& link, timetable& due);
    net::task<> serve_slowly(net::websocket& link, timetable& due);
    net::task<> saturate(net::websocket& link);
    util::result<std::size_t> offer_sample(net::websocket& link, timetable& due);
    util::result<std::size_t> offer_text_of(net::websocket& link, util::wall_time at) const;
    void count_sample(std::size_t bytes) const;
    net::task_result<> sync(net::websocket& link, util::wall_time to);
    net::task<> say_goodbye(net::websocket& link);
    util::wall_time skip_missed(util::wall_time to);
    void count_missed(std::int64_t samples) const;

    const surroundings* s_;
    identity who_;
    lifecycle life_;
    sync_point synced_;
    util::wall_time sampled_; // no sample at or before this one is to be sent any more
    bool has_reported_ = false;
    bool is_broken_ = false; // the present connection
};

} // namespace vsim::agent
