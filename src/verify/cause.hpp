#pragma once
// Why a row is not as it was sent: the likeliest of the ways in which the protocol loses data.
// Reentrant.

#include "verify/compare.hpp"
#include "verify/ledger.hpp"

#include <string>

namespace vsim::verify {

struct surroundings_of_loss {
    const ledger& run;
    const ledger_entry& who;
    double share_of_agents = 0; // that miss the same five seconds
    bool has_nothing = false;   // of that granularity is anything of the agent stored
    bool has_nothing_at_all = false;
};

std::string cause_of(const difference& d, const surroundings_of_loss& around);

} // namespace vsim::verify
