#pragma once
// What all agents of a run share. Constant while they run, and outlives them.

#include "agent/census.hpp"
#include "agent/habits.hpp"
#include "agent/mix.hpp"
#include "agent/report_board.hpp"
#include "agent/script.hpp"
#include "net/http.hpp"
#include "net/ticker.hpp"
#include "stats/recorder.hpp"
#include "util/address_ranges.hpp"
#include "util/clock.hpp"

#include <cstdint>

namespace vsim::agent {

struct surroundings {
    std::uint64_t seed = 1;
    util::milliseconds interval{3000}; // 0 = as fast as the socket takes
    util::milliseconds agg_interval{60'000};
    sync_scope scope = sync_scope::window;
    reconnect coming_back = reconnect::spread;
    backlog kept = backlog::aggregates;
    bool has_fences = true;       // a ping behind each sample of who reads and has a schedule
    util::milliseconds tick{5};   // of `pace`
    util::nanoseconds history{0}; // how far back send_history() goes
    bool starts_anew = false;     // what the server has of an agent is not gone on from
    net::endpoint server;
    util::address_ranges sources; // an agent connects from the one its index comes to; empty: any
    util::clock_anchor clock;     // joins the wall clock of samples to the steady clock of sleeping
    const mix* kinds = nullptr;   // never null, as nothing that follows but two
    const script* played = nullptr;   // null: nothing happens
    report_board* reported = nullptr; // null: nobody wants to know
    stats::recorder* counts = nullptr;
    census* online = nullptr;
    net::ticker* pace = nullptr;  // its stop() is the soft stop of every agent
    net::ticker* after = nullptr; // what still has to be waited for then
};

} // namespace vsim::agent
