#pragma once
// The final summary for people (interface.md 5), 80 columns wide: verdict; fleet; messages and
// rates; latencies; errors; machine, limits, seed and command line. Reentrant.

#include "report/run_result.hpp"

#include <string>

namespace vsim::report {

std::string render_summary(const run_result& r, bool color);

} // namespace vsim::report
