#include "server/clean_up.hpp"

#include "proto/bucket.hpp"
#include "server/instant.hpp"
#include "server/tables.hpp"

#include <fmt/format.h>

#include <chrono>

namespace vsim::server {

namespace {

constexpr std::size_t metrics_count = proto::granularity_count;
constexpr std::size_t bucket_tables = 2 * proto::granularity_count;
constexpr std::size_t table_count = bucket_tables + 2;

bool has_targets(std::size_t table) {
    return table >= metrics_count && table < bucket_tables;
}

std::string_view name_of(std::size_t table) {
    if (table < metrics_count) {
        return metrics_tables[table];
    }
    if (table < bucket_tables) {
        return ping_tables[table - metrics_count];
    }
    return table == bucket_tables ? "metrics_raw" : "ping_raw";
}

// The key after (?1, ?2), without reading the rows between: a server, or a server and a target.
std::string next_sql(std::size_t table) {
    if (has_targets(table)) {
        return fmt::format(
            "SELECT server_id,target_name FROM {} WHERE (server_id,target_name)>(?1,?2) "
            "ORDER BY server_id,target_name LIMIT 1",
            name_of(table)
        );
    }
    return fmt::format(
        "SELECT server_id,'' FROM {} WHERE server_id>?1 AND ?2=?2 ORDER BY server_id LIMIT 1",
        name_of(table)
    );
}

std::string delete_sql(std::size_t table) {
    return fmt::format(
        "DELETE FROM {} WHERE server_id=?1 AND {} AND {}<?3",
        name_of(table),
        has_targets(table) ? "target_name=?2" : "?2=?2",
        table < bucket_tables ? "bucket" : "timestamp"
    );
}

} // namespace

void clean_up::begin(std::int64_t now_unix) {
    running_ = true;
    now_ = now_unix;
    table_ = 0;
    server_.clear();
    target_.clear();
}

util::result<std::uint64_t> clean_up::step(database& db) {
    if (auto begun = db.execute("BEGIN IMMEDIATE"); !begun) {
        if (db.was_locked()) {
            return std::uint64_t{0}; // there is no hurry
        }
        running_ = false;
        return begun.error();
    }
    auto deleted = work(db);
    auto ended = db.execute(deleted ? "COMMIT" : "ROLLBACK");
    if (!deleted || !ended) {
        running_ = false;
        return deleted ? ended.error() : deleted.error();
    }
    return deleted;
}

util::result<std::uint64_t> clean_up::work(database& db) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{20};
    std::uint64_t deleted = 0;
    for (; table_ < table_count; ++table_, server_.clear(), target_.clear()) {
        auto next = db.prepare(next_sql(table_));
        auto remove = db.prepare(delete_sql(table_));
        if (!next || !remove) {
            return next ? remove.error() : next.error();
        }
        const auto cutoff = instant_text(now_ - raw_retention_seconds);
        for (;;) {
            if (std::chrono::steady_clock::now() >= until) {
                return deleted;
            }
            next->bind(1, std::string_view{server_});
            next->bind(2, std::string_view{target_});
            const bool found = next->next();
            if (next->failed()) {
                return util::make_error(util::errc::io, db.last_error());
            }
            if (!found) {
                break;
            }
            const std::string server{next->text(0)}, target{next->text(1)};
            next->reset();
            server_ = server;
            target_ = target;
            remove->bind(1, std::string_view{server_});
            remove->bind(2, std::string_view{target_});
            if (table_ < bucket_tables) {
                const auto& g = proto::granularities[table_ % metrics_count];
                remove->bind(
                    3, proto::bucket_index(g.id, now_ - g.retention / std::chrono::seconds{1})
                );
            } else {
                remove->bind(3, std::string_view{cutoff});
            }
            if (!remove->run()) {
                return util::make_error(util::errc::io, db.last_error());
            }
            deleted += static_cast<std::uint64_t>(db.changes());
        }
    }
    running_ = false;
    return deleted;
}

} // namespace vsim::server
