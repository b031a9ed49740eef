#pragma once
// What an earlier run of this server left in the database → memory. Thread-bound to the database's.

#include "server/registry.hpp"
#include "server/settings.hpp"
#include "server/sqlite.hpp"
#include "util/error.hpp"

namespace vsim::server {

// Servers in order, how far each one's history reaches, its newest stored sample; settings.
util::result<void> restore(database& db, registry& servers, settings& s);

} // namespace vsim::server
