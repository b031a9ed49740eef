#pragma once
// What the reference server did so far, as plain values; every figure only grows except those
// marked (now). Reentrant.

#include <cstdint>
#include <string>

namespace vsim::server {

struct status {
    // Agents' messages that were acted upon.
    std::uint64_t auth_ok = 0;
    std::uint64_t metrics = 0;
    std::uint64_t aggregated = 0;
    std::uint64_t batches = 0;

    // Agents' messages that were not, by reason; a vStats server says nothing about most of them.
    std::uint64_t auth_refused = 0;      // unknown id or wrong token: answered
    std::uint64_t auth_unanswered = 0;   // empty id or token: silence
    std::uint64_t undecodable = 0;       // one bad field refuses the message: silence
    std::uint64_t unknown_type = 0;      // silence
    std::uint64_t not_authenticated = 0; // answered
    std::uint64_t without_metrics = 0;   // a "metrics" without the object: answered
    std::uint64_t lost = 0;              // not stored because a fault says so: silence

    // The store. Rows are rows of the tables; one sample is several.
    std::uint64_t rows_written = 0;
    std::uint64_t rows_refused = 0; // a counter of 2^63 or more, or a statement that failed
    std::uint64_t rows_skipped = 0; // items of batches that were there already
    std::uint64_t transactions = 0;
    std::uint64_t rows_queued = 0;  // (now)
    std::uint64_t pushes_held = 0;  // jobs that had to wait for room in the queue
    std::uint64_t rows_expired = 0; // deleted by the clean-up
    std::string store_error;        // the newest message of SQLite, "" if it never failed

    std::uint64_t servers = 0;         // (now) configured
    std::uint64_t agents = 0;          // (now) connections to /ws/agent
    std::uint64_t viewers = 0;         // (now) connections to /ws
    std::uint64_t viewers_dropped = 0; // read too slowly
    std::uint64_t requests = 0;        // HTTP, without upgrades
};

} // namespace vsim::server
