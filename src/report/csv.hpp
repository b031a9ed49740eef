#pragma once
// The time series as CSV (RFC 4180): a header line that names the units, then one line a point.
// What was not measured is an empty cell. Reentrant.

#include "report/run_result.hpp"

#include <string>

namespace vsim::report {

std::string to_csv(const run_result& r);

} // namespace vsim::report
