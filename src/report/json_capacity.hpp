#pragma once
// A search for the largest fleet in JSON documents. Reentrant.

#include "report/capacity.hpp"
#include "report/json_writer.hpp"

#include <vector>

namespace vsim::report {

void write_capacity(json_writer& j, const capacity_facts& f);
// The member "steps": also what a search is resumed from.
void write_steps(json_writer& j, const std::vector<capacity_step>& steps);

} // namespace vsim::report
