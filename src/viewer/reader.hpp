#pragma once
// Somebody who reads histories as the real page does (browsing.hpp), over one kept-alive
// connection. The time of a read runs from when it was wished for, so that a slow server is not
// spared the reads that it kept waiting. Thread-bound.

#include "net/task.hpp"
#include "viewer/browsing.hpp"
#include "viewer/viewer.hpp"
#include "viewer/watched_fleet.hpp"

namespace vsim::viewer {

// Until the soft stop. What is given by reference outlives it.
net::task<> read_histories(const surroundings& s, const watched_fleet& fleet, browsing what);

} // namespace vsim::viewer
