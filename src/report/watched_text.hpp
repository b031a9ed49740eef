#pragma once
// The process of --watch-pid in words, for the console's summary. Reentrant.

#include "report/run_result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace vsim::report {

// Names and texts of the entries of its section.
std::vector<std::pair<std::string, std::string>> entries_of(const watched_process& p);

} // namespace vsim::report
