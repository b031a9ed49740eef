#pragma once
// What a machine does not draw from its seed but is told. All of it is optional, and outlives the
// machine. Plain values.

#include "util/clock.hpp"

namespace vsim::model {

class incident_plan;
class target_set;
struct traits;

struct circumstances {
    const model::traits* traits = nullptr;    // null: the defaults
    const target_set* targets = nullptr;      // null: built-in ones, as many as the traits say
    const incident_plan* incidents = nullptr; // null: none
    util::nanoseconds clock_skew{0};          // how far its clock is ahead of that of the incidents
};

} // namespace vsim::model
