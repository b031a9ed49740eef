#pragma once
// What the server must know of a machine's past, sent from where it was last known. Nothing is kept
// between two syncs but the open buckets: everything else is a walk over the model. Thread-bound.

#include "agg/window.hpp"
#include "model/machine.hpp"
#include "model/schedule.hpp"
#include "net/ticker.hpp"
#include "net/websocket.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

namespace vsim::agent {

// Up to `at` everything has been sent; `open` holds the buckets that were open then, complete so
// far.
struct sync_point {
    agg::window open;
    util::wall_time at{};
};

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

// Sends every bucket that the samples in (from.at, to] touch, complete so far, as
// aggregated_metrics messages of about a quarter of a megabyte; ends early, with errc::cancelled,
// between two of them once `stop` (may be null) has been stopped. A sync that fails may be repeated
// whole: the server replaces what it has. Returns the point at `to`.
net::task_result<sync_point> send_range(
    net::websocket& link,
    model::machine m,
    model::schedule s,
    const sync_point& from,
    util::wall_time to,
    stats::recorder& counts,
    sync_counters as,
    const net::ticker* stop
);

// The same point further on: what a sync up to `to` would leave open. Precondition: to >= from.at.
sync_point advanced(
    const sync_point& from, util::wall_time to, const model::machine& m, const model::schedule& s
);

// Metrics buckets that a history of that length holds, all granularities together.
std::uint64_t expected_buckets(util::nanoseconds length);

} // namespace vsim::agent
