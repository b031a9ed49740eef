#pragma once
// A run told while it goes on, a JSON object a line: "start", then a "point" a second, at last
// "end". Members are named as in the JSON summary. Each function makes one line, newline included.
// Reentrant.

#include "report/run_result.hpp"

#include <string>

namespace vsim::report {

std::string ndjson_start(const run_result& r); // as it is when the run begins
std::string ndjson_point(const stats::timeline_point& p);
std::string ndjson_end(const run_result& r);

} // namespace vsim::report
