#pragma once
// What the server must know of a machine's past, sent from where it was last known. Nothing is kept
// between two syncs but the open buckets: everything else is a walk over the model. Thread-bound.

#include "agent/past.hpp"
#include "net/ticker.hpp"
#include "net/websocket.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <cstdint>

namespace vsim::agent {

// The server keeps samples and aggregates in two buffers of a second each and may apply them in
// either order. So buckets of the last two seconds before a sync are sent again with the next one,
// and the last sync of all waits that long.
inline constexpr auto settling = std::chrono::seconds{2};

// As what a sync counts.
struct sync_counters {
    stats::counter messages, bytes, buckets;
};
inline constexpr sync_counters count_as_history{
    stats::counter::history_sent, stats::counter::history_bytes, stats::counter::history_buckets
};
inline constexpr sync_counters count_as_aggregates{
    stats::counter::aggregated_sent,
    stats::counter::aggregated_bytes,
    stats::counter::aggregated_buckets
};

// What a sync sends: of the samples in (from, to] every bucket that they touch and that is not
// before `first`, complete so far.
struct sync_range {
    const sync_point* from;
    util::wall_time to;
    model::first_buckets first;
};

// What a server must bear with: both leave it with the same buckets.
struct bad_habits {
    bool shuffles = false; // the buckets of a message, in an order drawn from `key`
    bool repeats = false;  // every message
    std::uint64_t key = 0;
};

// Sends them as aggregated_metrics messages of about a quarter of a megabyte; ends early, with
// errc::cancelled, between two of them once `stop` (may be null) has been stopped. A sync that
// fails may be repeated whole: the server replaces what it has. Returns the point at `range.to`.
net::task_result<sync_point> send_range(
    net::websocket& link,
    subject who,
    const past& lived,
    sync_range range,
    stats::recorder& counts,
    sync_counters as,
    bad_habits habits,
    const net::ticker* stop
);

// The same point further on: what a sync up to `to` would leave open. Precondition: to >= from.at.
sync_point
advanced(const subject& who, const past& lived, const sync_point& from, util::wall_time to);

// Metrics buckets that a history of that length holds, all granularities together.
std::uint64_t expected_buckets(util::nanoseconds length);

} // namespace vsim::agent
