#pragma once
// What a search will do, before it does: the run of a step, the criteria, the plan in words.
// Reentrant.

#include "app/config.hpp"
#include "report/run_result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vsim::app {

// With the default criteria where none were given, and with everything switched on that the
// criteria need to be measured.
capacity_config with_criteria(capacity_config c);

// The run of one step.
run_config step_of(const capacity_config& c, std::uint32_t agents);

// The longest that steps of load can take, ramps and rests included, repetitions not.
util::nanoseconds longest_search(const capacity_config& c);

std::vector<std::string> plan_of(const capacity_config& c);

} // namespace vsim::app
