#pragma once
// How a summary tells what `honesty` holds, and what was set apart for it. Reentrant.

#include "report/json_writer.hpp"
#include "report/run_result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace vsim::report {

// Member "honesty"; nothing if the run was not judged.
void write_honesty(json_writer& j, const run_result& r);

// Name and text, in the order of the page; empty if the run was not judged.
std::vector<std::pair<std::string, std::string>> trust_entries(const run_result& r);

// What the table of latencies leaves out; empty: nothing.
std::string ramp_note(const run_result& r);

} // namespace vsim::report
