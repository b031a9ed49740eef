#pragma once
// What those saw who looked at the server meanwhile, for both summaries. Reentrant.

#include "report/json_writer.hpp"
#include "report/run_result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace vsim::report {

// The members "freshness" and "readers"; nothing of what nobody asked for.
void write_audience(json_writer& j, const run_result& r);

// Name and text of each line of the console's section; none without viewers and readers.
std::vector<std::pair<std::string, std::string>> audience_entries(const run_result& r);

} // namespace vsim::report
