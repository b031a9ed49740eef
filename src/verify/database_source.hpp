#pragma once
// The server's SQLite file, opened read-only, beside the server that may be writing it. All columns
// of all tables (protocol.md 8). Blocks: its worker has a thread of its own.

#include "util/error.hpp"
#include "verify/source.hpp"

#include <memory>
#include <string>

namespace vsim::verify {

// Error: io names the file and what is wrong with it, a table that is not there for instance.
util::result<std::unique_ptr<source>> open_database(const std::string& path);

} // namespace vsim::verify
