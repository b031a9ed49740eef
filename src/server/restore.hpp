#pragma once
// What an earlier run of this server left in the database → memory. Thread-bound to the database's.

#include "server/registry.hpp"
#include "server/settings.hpp"
#include "server/sqlite.hpp"
#include "util/error.hpp"

#include <span>

namespace vsim::server {

// Servers in order, how far each one's history reaches, its newest stored sample; settings.
util::result<void> restore(database& db, registry& servers, settings& s);

// After `lost` were not stored: the servers they speak of reach as far as the tables do. What is
// still queued is not counted until more of its kind comes: an agent then sends some of it again.
void correct_reach(database& db, const registry& servers, std::span<const job> lost);

} // namespace vsim::server
