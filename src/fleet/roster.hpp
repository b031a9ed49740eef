#pragma once
// The fleet file: who the agents of a fleet are, written by `register` and read by `run --fleet`.
// A JSON array of server objects as GET /api/servers gives them, in the order of the agents'
// indices. It holds tokens, so its mode is 0600. Reentrant.

#include "agent/identity.hpp"
#include "util/error.hpp"

#include <string>
#include <vector>

namespace vsim::fleet {

// Whole or not at all: written beside its place and moved there. errc::io names the path; what is
// no regular file (a device, a pipe) is refused.
util::result<void> save_roster(const std::string& path, const std::vector<agent::identity>& fleet);
// An agent's index is its place in the file. errc::io: cannot be read; errc::bad_input: is no fleet
// file, or holds nobody.
util::result<std::vector<agent::identity>> load_roster(const std::string& path);

} // namespace vsim::fleet
