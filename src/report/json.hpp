#pragma once
// The JSON summary (interface.md 4): schema 1, described by summary.schema.json beside this file.
// What was not measured is absent. Reentrant.

#include "report/run_result.hpp"

#include <string>

namespace vsim::report {

// Indented, with a final newline.
std::string to_json(const run_result& r);

} // namespace vsim::report
