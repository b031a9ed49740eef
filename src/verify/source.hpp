#pragma once
// Where stored rows come from. A source belongs to one worker, which asks it for one agent after
// the other. Thread-bound.

#include "net/task.hpp"
#include "verify/expected.hpp"
#include "verify/rows.hpp"

namespace vsim::verify {

class source {
public:
    virtual ~source() = default;
    // Everything of that agent, as far as it can be read and something of it is expected. Clears
    // `out` first. The arguments outlive the task.
    virtual net::task_result<>
    read(const ledger_entry& who, const expected_rows& expected, stored_rows& out) = 0;
};

// How many buckets back each granularity is kept at `now` by a server that cleans up: what is older
// may be gone already.
by_granularity<std::int64_t> kept_from(util::wall_time now);

} // namespace vsim::verify
