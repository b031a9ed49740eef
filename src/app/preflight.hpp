#pragma once
// What this machine allows, judged before anything is sent. Reentrant.

#include "app/config.hpp"
#include "util/error.hpp"

#include <string>
#include <vector>

namespace vsim::app {

struct preflight {
    std::vector<std::string> lines; // what was found, for --dry-run and -v
};

// Raises the limit of open files to the hard one. errc::limit names what is short, how much it is
// and the remedy.
util::result<preflight> check_machine(const run_config& c);

// The plan of a run in words, one line each.
std::vector<std::string> plan_of(const run_config& c);

} // namespace vsim::app
