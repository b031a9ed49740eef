#pragma once
// Scripted events in machines' lives, to be noticed by whoever watches them. Plain values.

#include "util/clock.hpp"

namespace vsim::model {

enum class incident_kind { cpu, memory, disk, ping, silent };

struct incident {
    incident_kind kind = incident_kind::cpu;
    util::wall_time start{}, end{}; // [start, end)
    double share = 1;               // of the fleet, 0..1
};

} // namespace vsim::model
