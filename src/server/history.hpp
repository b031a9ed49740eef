#pragma once
// GET /api/history from the tables (protocol.md 1.5). Retention holds on read, so a clean-up that
// is due changes nothing that is seen. Thread-bound.

#include "proto/rest.hpp"
#include "server/sqlite.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace vsim::server {

struct history_query {
    std::string server_id;
    std::string range = "24h"; // as asked for; unknown ones have no metrics
    std::string type = "all";
    std::int64_t since = 0; // bucket index; 0 = from the range's start
};

class history_reader {
public:
    // `limited`: no more than so many rows, the oldest ones, as in vStats; the newest bucket of a
    // range without gaps is missing then.
    explicit history_reader(database db, bool limited = false)
        : db_{std::move(db)}, limited_{limited} {}

    util::result<proto::history_reply> read(const history_query& q, std::int64_t now_unix);
    database& db() { return db_; }

private:
    struct span;
    static span span_of(const history_query& q, std::int64_t now_unix);

    util::result<void>
    read_metrics(const history_query& q, const span& s, proto::history_reply& to);
    util::result<void> read_raw(const history_query& q, const span& s, proto::history_reply& to);
    util::result<void> read_ping(const history_query& q, const span& s, proto::history_reply& to);
    util::result<void>
    read_raw_ping(const history_query& q, const span& s, proto::history_reply& to);
    util::result<void> finish(statement& rows); // after the last row
    util::result<statement*> cached(const std::string& sql);

    database db_;
    const bool limited_;
    std::map<std::string, statement> statements_;
};

} // namespace vsim::server
