#pragma once
// What a server must hold of an agent in the end, worked out from the ledger: a walk over the
// model, or sample by sample for an agent that sends no aggregates. One agent at a time, some
// hundred kilobytes. Reentrant.

#include "verify/ledger.hpp"
#include "verify/rows.hpp"

#include <map>

namespace vsim::verify {

struct expected_rows {
    by_granularity<std::vector<proto::metric_bucket>> metrics;
    by_granularity<std::vector<ping_series>> pings; // series without rows are left out
    std::vector<raw_count> raw;
    // Rows that not only sure samples make: by granularity and bucket the least they may hold, up
    // to the row above. Pings of these buckets may be of either sample.
    by_granularity<std::map<std::int64_t, proto::metric_bucket>> least;
    bool from_samples = false; // sums of what travelled as float32
    bool is_judged = true;     // false: nothing was sent, and nothing can be said

    void clear();
};

void expect(const ledger& l, const ledger_entry& e, expected_rows& out);

} // namespace vsim::verify
