#pragma once
// What the run of one step says about the server. Reentrant.

#include "app/capacity_search.hpp"
#include "app/exit_code.hpp"
#include "report/capacity.hpp"
#include "report/run_result.hpp"

#include <cstdint>
#include <string>

namespace vsim::app {

struct step_outcome {
    enum class kind {
        judged,      // accepted or rejected
        generator,   // the run is invalid
        interrupted, // by a signal
        failed,      // nobody connected: it says nothing about a fleet's size
    };
    kind what = kind::judged;
    report::capacity_step step;
    std::string why{}; // unless judged or interrupted
    exit_code code = exit_code::ok;
};

step_outcome
outcome_of(const report::run_result& r, std::uint32_t iteration, capacity_search::step tried);

} // namespace vsim::app
