#pragma once
// From what the user wants to befall the fleet to the script of it, and to what is said about it
// afterwards. Reentrant.

#include "agent/agent.hpp"
#include "agent/script.hpp"
#include "app/config.hpp"
#include "report/run_result.hpp"

#include <deque>
#include <memory>

namespace vsim::app {

// Null when nothing is to happen. `fleet`: how many agents there are.
std::unique_ptr<agent::script> script_of(const run_config& c, std::uint32_t fleet);

// What of it happened until `now`, and to whom; nothing if it never began.
void tell_script(
    const agent::script& s,
    const std::deque<agent::agent>& agents,
    util::wall_time now,
    report::run_result& to
);

} // namespace vsim::app
