#pragma once
// A point of the time series as members of a JSON object: the same in the summary and in what is
// written while a run goes on. Reentrant.

#include "report/json_writer.hpp"
#include "stats/timeline.hpp"

namespace vsim::report {

void write_point(json_writer& j, const stats::timeline_point& p); // inside an open object

} // namespace vsim::report
