#pragma once
// What this machine allows, judged before anything is sent. Reentrant.

#include "app/config.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vsim::app {

struct preflight {
    std::vector<std::string> lines; // what was found, for --dry-run and -v
};

// What there is of the two things a connection needs.
struct machine_limits {
    std::uint64_t open_files = 0;      // this process may have
    std::uint64_t most_open_files = 0; // the hard limit
    // Of one source address for connections to one server address (net/limits.hpp).
    std::uint64_t ports = 0;
};

// Whether the agents that are connected at once fit: as many as the open files and the ports of all
// source addresses allow, whichever is less. errc::limit names what is short, the tightest first,
// how much it is, what would lift it, and the --count that fits.
//
// Ports are those of the range, not those free at the moment: other connections from the same
// address to the same server take some, just closed ones too (TIME_WAIT), and a port that any
// program listens on is lost to every source address. So a fleet that fits to the last port may
// have a few agents too many (connect.limit), which try again.
util::result<preflight> judge(const run_config& c, const machine_limits& have);

// Tries the source addresses (net/source.hpp; blocks for DNS then), raises the limit of open files
// to the hard one, judges. errc::bad_input, unreachable: --source-ip cannot be used for this
// server.
util::result<preflight> check_machine(const run_config& c);

// The plan of a run in words, one line each.
std::vector<std::string> plan_of(const run_config& c);

} // namespace vsim::app
