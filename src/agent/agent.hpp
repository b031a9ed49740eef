#pragma once
// One simulated agent: first, if asked, its machine's history; then its life on the server, sample
// by sample, through every loss of the connection until the soft stop. It keeps its identity, its
// open buckets, how far it has synced and what befell it; everything it says is drawn from the
// model when it is said. Thread-bound: its coroutines run on one serial executor at a time.

#include "agent/deviations.hpp"
#include "agent/identity.hpp"
#include "agent/lifecycle.hpp"
#include "agent/missed_samples.hpp"
#include "agent/past.hpp"
#include "agent/surroundings.hpp"
#include "agent/sync.hpp"
#include "net/task.hpp"
#include "net/websocket.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace vsim::agent {

// What a server must hold of an agent in the end: the buckets of all it has lived through and, as
// raw rows, the samples it sent.
struct account {
    subject who;
    past lived;
    util::wall_time until;      // its last sample is not later
    model::first_buckets first; // earlier buckets were left to whoever was the agent before
    std::optional<util::wall_time> reports_after; // samples were sent from then on; absent: none
    deviations not_sent;                          // of those
    bool has_aggregates = true;                   // else samples are all that was sent
    bool has_past = false;                        // else nothing was sent at all
    bool is_complete = false;                     // it had all its say, and was answered
};

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
    // (protocol.md 4), sends the last aggregates and closes. An agent that is away then because of
    // the script comes once more for that. `after_first_attempt` is called once, whatever came of
    // it.
    net::task<> live(std::function<void()> after_first_attempt);

    // Once live() has ended.
    account account_of() const;

private:
    struct timetable;
    enum class ending : std::uint8_t { broken, goodbye, cut, half_open };

    // What a second login with this agent's identity holds.
    struct twin {
        net::websocket link;
        util::wall_time until;
    };
    // What a returning agent has to make good before it goes on as before.
    struct comeback {
        std::optional<missed_samples> batches;
        util::wall_time next_batch{}, last_batch{};
        bool has_resume = false;
        model::first_buckets first{}; // of the resume
    };

    // --- agent.cpp: from connection to connection
    net::task_result<> history_attempt(util::wall_time from, util::wall_time to);
    net::task_result<net::websocket> join(net::ticker& until);
    void enter(const proto::auth_reply& welcome);
    void follow(past& lived, const proto::auth_reply& welcome, util::wall_time after) const;
    void
    ping_from(past& lived, std::vector<proto::probe_target> wanted, util::wall_time after) const;
    void resume(const reach& r, util::wall_time last_sent);
    net::task<ending> visit(net::websocket& link);
    net::task<> last_visit();
    util::nanoseconds time_away();
    util::wall_time skip_missed(util::wall_time to);

    // --- connected.cpp: one connection
    net::task<ending> connection(net::websocket& link);
    void prepare(timetable& due);
    void heed_script(bool is_new_connection);
    void plan_errand(timetable& due);
    net::task<std::optional<ending>> suffer(net::websocket& link, timetable& due);
    util::result<void> take_messages(net::websocket& link);
    void hear(std::string_view text);
    void hear_pong(std::string_view payload);
    void serve(net::websocket& link, timetable& due);
    net::task<> serve_slowly(net::websocket& link, timetable& due);
    net::task_result<> send_batch(net::websocket& link, timetable& due);
    net::task<> saturate(net::websocket& link);
    util::result<std::size_t> offer_sample(net::websocket& link);
    util::result<std::size_t>
    offer_text_of(net::websocket& link, util::wall_time at, util::wall_time now) const;
    void note_late(util::wall_time before, util::wall_time now) const;
    void count_sample(std::size_t bytes) const;
    net::task_result<> sync(net::websocket& link, util::wall_time to);
    void note_synced(util::wall_time to);
    util::nanoseconds goodbye_spread() const;
    net::task<> say_goodbye(net::websocket& link);
    void break_off(std::string_view stage, const util::error& e);
    bool is_hit() const;
    bool is_silent(util::wall_time t) const; // by its own clock
    bad_habits habits() const;

    // --- What is derived
    subject self() const;
    util::milliseconds interval() const { return kind_->interval.value_or(s_->interval); }
    bool is_paced() const { return interval().count() > 0; }
    // Pongs that nobody reads would fill the server's buffers; without a schedule there is nothing
    // to measure from.
    bool has_fences() const { return s_->has_fences && kind_->reads && is_paced(); }
    model::schedule samples() const { return {s_->seed, who_.index, interval()}; }
    model::schedule syncs() const { return {s_->seed ^ 1, who_.index, s_->agg_interval}; }
    bool has_aggregates() const { return kind_->has_store && is_paced(); }
    util::wall_time now() const; // by its own clock
    util::steady_time steady(util::wall_time t) const;
    util::wall_time world_now() const { return now() - kind_->clock_skew; }
    util::wall_time by_own_clock(util::wall_time world) const { return world + kind_->clock_skew; }
    void log_error(std::string_view stage, const util::error& e) const;
    void count_missed(std::int64_t samples) const;

    const surroundings* s_;
    const group* kind_;
    identity who_;
    lifecycle life_;
    past past_;
    sync_point synced_;
    std::unique_ptr<const sync_point> milestone_; // an earlier one, from which a resume may walk
    util::wall_time safe_;         // what was sent up to here had the time to be stored
    util::wall_time doubtful_;     // and what was up to here will have had it soon
    util::wall_time synced_on_;    // when that was sent
    util::wall_time sampled_;      // no sample at or before this one is to be sent any more
    util::wall_time fenced_;       // pongs of samples up to here say nothing (any more)
    util::wall_time freed_;        // what was due up to here the server held up, not we
    model::first_buckets first_{}; // that are this agent's to answer for
    std::optional<util::wall_time> reports_after_;
    deviations not_sent_;
    std::unique_ptr<comeback> comeback_;
    std::unique_ptr<twin> twin_;
    std::optional<script::event> blow_;               // the next that is to be suffered
    util::wall_time heeded_ = util::wall_time::min(); // of the script, by the world's clock
    bool is_script_over_ = false;
    bool has_past_ = false;     // something of it was sent
    bool has_reported_ = false; // samples that are not sent are missed
    bool is_in_doubt_ = false;  // whether the server has all that was sent
    bool is_broken_ = false;    // the present connection
    bool is_restarting_ = false;
    bool is_away_by_script_ = false;
    bool has_said_goodbye_ = false;
};

} // namespace vsim::agent
