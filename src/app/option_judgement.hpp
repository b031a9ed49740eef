#pragma once
// Rows about what a run has to achieve. Reentrant.

#include "app/option.hpp"
#include "app/options.hpp"
#include "report/threshold.hpp"

#include <vector>

namespace vsim::app {

option_list threshold_options(std::vector<report::threshold>& thresholds, switches& s);

} // namespace vsim::app
