#pragma once
// Deletes what is older than its retention (protocol.md 3.3, 8), a little at a time so that writing
// goes on: each step walks on through the servers of a table by its key. Thread-bound.

#include "server/sqlite.hpp"
#include "util/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace vsim::server {

inline constexpr std::int64_t raw_retention_seconds = 24 * 3600;

class clean_up {
public:
    // A new round, or a new start of the one under way.
    void begin(std::int64_t now_unix);
    bool is_running() const { return running_; }

    // Works for about 20 ms in a transaction of its own; the number of rows deleted. After an error
    // the round is over.
    util::result<std::uint64_t> step(database& db);

private:
    util::result<std::uint64_t> work(database& db);

    bool running_ = false;
    std::int64_t now_ = 0;
    std::size_t table_ = 0;
    std::string server_, target_; // the last ones done in this table
};

} // namespace vsim::server
