#pragma once
// A search for the largest fleet as the console shows it: a block before and after each step, the
// table and the answer at the end. At most 80 columns unless an expression is longer. Reentrant.

#include "report/capacity.hpp"

#include <cstdint>
#include <string>

namespace vsim::report {

// "iteration 5: 1,600 agents for 30 s", before the step.
std::string render_step_start(const capacity_step& s, util::nanoseconds step_duration, bool color);
// Each criterion, and what follows from them.
std::string render_step_end(const capacity_step& s, bool color);

std::string render_capacity(const capacity_facts& f, bool color);

} // namespace vsim::report
