#include "verify/database_source.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace vsim::verify {
namespace {

using proto::granularity;
using util::errc;

constexpr by_granularity<std::string_view> metrics_tables{
    "metrics_5sec", "metrics_2min", "metrics_15min_agg", "metrics_hourly_agg", "metrics_daily_agg"
};
constexpr by_granularity<std::string_view> ping_tables{
    "ping_5sec", "ping_2min", "ping_15min_agg", "ping_hourly_agg", "ping_daily_agg"
};
constexpr std::chrono::hours raw_retention{24};
constexpr int patience_ms = 10'000; // with a server that holds the file

struct close_database {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using database_handle = std::unique_ptr<sqlite3, close_database>;
using statement = std::unique_ptr<sqlite3_stmt, finalize>;

std::int64_t integer(sqlite3_stmt* row, int column) {
    return sqlite3_column_int64(row, column);
}
double real(sqlite3_stmt* row, int column) {
    return sqlite3_column_double(row, column);
}
std::string_view text(sqlite3_stmt* row, int column) {
    const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    return data == nullptr ? std::string_view{} : std::string_view{data, size};
}

class database_source final : public source {
public:
    database_source(std::string path, database_handle db)
        : path_{std::move(path)}, db_{std::move(db)} {}

    util::result<void> prepare() {
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            const auto metrics =
                "SELECT bucket,cpu_sum,cpu_max,memory_sum,memory_max,disk_sum,net_rx,net_tx,"
                "ping_sum,ping_count,sample_count FROM " +
                std::string{metrics_tables[g]} +
                " WHERE server_id=?1 AND bucket>=?2 ORDER BY bucket";
            const auto pings =
                "SELECT target_name,target_host,bucket,latency_sum,latency_max,latency_count,"
                "ok_count,fail_count FROM " +
                std::string{ping_tables[g]} +
                " WHERE server_id=?1 AND bucket>=?2 ORDER BY target_name,bucket";
            for (const auto& [sql, into] :
                 {std::pair{metrics, &metrics_[g]}, std::pair{pings, &pings_[g]}}) {
                if (auto made = prepare(sql, *into); !made) {
                    return made;
                }
            }
        }
        const std::pair<std::string, statement*> others[]{
            {"SELECT bucket_5sec,COUNT(*) FROM metrics_raw WHERE server_id=?1 AND bucket_5sec>=?2 "
             "GROUP BY bucket_5sec ORDER BY bucket_5sec",
             &raw_},
            {"BEGIN", &begin_},
            {"COMMIT", &commit_},
        };
        for (const auto& [sql, into] : others) {
            if (auto made = prepare(sql, *into); !made) {
                return made;
            }
        }
        return {};
    }

    net::task_result<>
    read(const ledger_entry& who, const expected_rows& expected, stored_rows& out) override {
        co_return read_now(who, expected, out);
    }

private:
    util::error failed() const {
        return util::make_error(errc::io, "database " + path_ + ": " + sqlite3_errmsg(db_.get()));
    }

    util::result<void> prepare(const std::string& sql, statement& into) {
        sqlite3_stmt* raw = nullptr;
        const auto size = static_cast<int>(sql.size());
        if (sqlite3_prepare_v3(
                db_.get(), sql.data(), size, SQLITE_PREPARE_PERSISTENT, &raw, nullptr
            ) != SQLITE_OK) {
            return failed();
        }
        into.reset(raw);
        return {};
    }

    // One transaction an agent: what is read together was there together.
    util::result<void>
    read_now(const ledger_entry& who, const expected_rows& expected, stored_rows& out) {
        out.clear();
        if (auto begun = step_once(begin_); !begun) {
            return begun;
        }
        auto done = read_all(who, expected, out);
        if (auto ended = step_once(commit_); done && !ended) {
            return ended;
        }
        return done;
    }

    util::result<void> step_once(statement& s) {
        const auto code = sqlite3_step(s.get());
        sqlite3_reset(s.get());
        return code == SQLITE_DONE ? util::result<void>{} : failed();
    }

    util::result<void>
    read_all(const ledger_entry& who, const expected_rows& expected, stored_rows& out) {
        const auto now = std::chrono::system_clock::now();
        const auto kept = kept_from(now);
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            out.is_read[g] = true;
            out.metrics_readable[g].kept_from = out.pings_readable[g].kept_from = kept[g];
            const auto& rows = expected.metrics[g];
            const auto from = rows.empty() ? kept[g] : rows.front().bucket;
            auto done = each_row(metrics_[g], who.id, from, [&](sqlite3_stmt* row) {
                out.metrics[g].push_back(metrics_row(row));
            });
            if (done) {
                done = each_row(pings_[g], who.id, from, [&](sqlite3_stmt* row) {
                    put_ping(row, out.pings[g]);
                });
            }
            if (!done) {
                return done;
            }
        }
        out.has_raw = true;
        out.raw_readable.kept_from =
            proto::bucket_index(granularity::sec5, now - raw_retention) + 1;
        const auto from = expected.raw.empty() ? INT64_MAX : expected.raw.front().bucket;
        return each_row(raw_, who.id, from, [&](sqlite3_stmt* row) {
            out.raw.push_back({integer(row, 0), integer(row, 1), integer(row, 1)});
        });
    }

    util::result<void>
    each_row(statement& s, const std::string& id, std::int64_t from, const auto& take) {
        auto* const row = s.get();
        sqlite3_bind_text(row, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
        sqlite3_bind_int64(row, 2, from);
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(row)) == SQLITE_ROW) {
            take(row);
        }
        const bool is_over = code == SQLITE_DONE;
        auto done = is_over ? util::result<void>{} : failed();
        sqlite3_reset(row);
        return done;
    }

    static proto::metric_bucket metrics_row(sqlite3_stmt* row) {
        return {
            .bucket = integer(row, 0),
            .cpu_sum = real(row, 1),
            .cpu_max = real(row, 2),
            .memory_sum = real(row, 3),
            .memory_max = real(row, 4),
            .disk_sum = real(row, 5),
            .net_rx = static_cast<std::uint64_t>(integer(row, 6)),
            .net_tx = static_cast<std::uint64_t>(integer(row, 7)),
            .ping_sum = real(row, 8),
            .ping_count = integer(row, 9),
            .sample_count = integer(row, 10),
        };
    }

    static void put_ping(sqlite3_stmt* row, std::vector<ping_series>& all) {
        const auto name = text(row, 0);
        if (all.empty() || all.back().name != name) {
            all.push_back({std::string{name}, {}, {}});
        }
        auto& series = all.back();
        const auto host = text(row, 1);
        if (series.hosts.empty() || std::ranges::find(series.hosts, host) == series.hosts.end()) {
            series.hosts.emplace_back(host);
        }
        series.rows.push_back(
            {integer(row, 2),
             real(row, 3),
             real(row, 4),
             integer(row, 5),
             integer(row, 6),
             integer(row, 7)}
        );
    }

    const std::string path_;
    database_handle db_; // statements go first
    by_granularity<statement> metrics_, pings_;
    statement raw_, begin_, commit_;
};

} // namespace

by_granularity<std::int64_t> kept_from(util::wall_time now) {
    by_granularity<std::int64_t> first{};
    for (const auto& g : proto::granularities) {
        first[proto::position(g.id)] = proto::bucket_index(g.id, now - g.retention) + 1;
    }
    return first;
}

util::result<std::unique_ptr<source>> open_database(const std::string& path) {
    sqlite3* raw = nullptr;
    const auto flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    database_handle db{raw};
    if (code != SQLITE_OK) {
        const std::string why = raw != nullptr ? sqlite3_errmsg(raw) : sqlite3_errstr(code);
        return util::make_error(errc::io, "database " + path + ": " + why);
    }
    sqlite3_busy_timeout(raw, patience_ms);
    auto made = std::make_unique<database_source>(path, std::move(db));
    if (auto ready = made->prepare(); !ready) {
        return ready.error();
    }
    return std::unique_ptr<source>{std::move(made)};
}

} // namespace vsim::verify
