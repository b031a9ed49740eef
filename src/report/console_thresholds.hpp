#pragma once
// Thresholds as the console shows them, at most 80 columns wide unless an expression is longer.
// Reentrant.

#include "report/run_result.hpp"
#include "report/units.hpp"

#include <string>
#include <vector>

namespace vsim::report {

// "" when there are none.
std::string render_thresholds(const std::vector<threshold_result>& all, const palette& ink);

} // namespace vsim::report
