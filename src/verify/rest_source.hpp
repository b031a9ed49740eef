#pragma once
// GET /api/history, which needs no token (protocol.md 1.1): means and counters of what the ranges
// still reach. Its worker's executor is never blocked.

#include "net/http.hpp"
#include "proto/rest.hpp"
#include "verify/source.hpp"

#include <memory>
#include <string_view>

namespace vsim::verify {

std::unique_ptr<source> rest_source(net::asio::any_io_executor where, net::endpoint server);

// What one range tells of its granularity.
struct range_facts {
    proto::granularity table;
    std::string_view name; // of the query
    std::int64_t length;   // seconds
    std::int64_t limit;    // rows of metrics at most, oldest first; those of pings are all told
    bool has_since;        // a first bucket can be asked for, and last_bucket is told
};
const range_facts& range_of(proto::granularity g);

// Answers as rows. `since` is the first bucket that was asked for, `now` the time of the asking;
// both say what is readable: a bucket that is about to fall out of the range is not, nor is one
// behind the row limit. The error (protocol) names what is wrong with an answer.
util::result<void> take_metrics(
    const proto::history_reply& reply,
    const range_facts& range,
    std::int64_t since,
    std::int64_t now,
    const std::vector<proto::metric_bucket>& expected,
    std::vector<proto::metric_bucket>& rows,
    readable& span
);
util::result<void> take_pings(
    const proto::history_reply& reply,
    const range_facts& range,
    std::int64_t since,
    std::int64_t now,
    std::vector<ping_series>& series,
    readable& span
);

} // namespace vsim::verify
