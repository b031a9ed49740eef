#pragma once
// Two long tasks of which the first to end ends the other, e.g. the reader and the writer of a
// connection. Both have ended when race() returns, so they may use what the caller owns.
// Thread-bound: both run on the caller's serial executor.

#include "net/task.hpp"

#include <cstddef>

namespace vsim::net {

// Returns which ended first: 0 or 1. The loser gets terminal cancellation; what it throws because
// of that is swallowed, any other exception of either is rethrown. Cancelling the caller cancels
// both.
task<std::size_t> race(task<> a, task<> b);

} // namespace vsim::net
