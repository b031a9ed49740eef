#pragma once
// Traffic of each server in its billing period (protocol.md 1.8): once a minute what its counters
// grew by is added up. Kept in memory and, as vStats does, in the traffic_* tables. Periods and
// days begin at midnight UTC. Thread-safe.

#include "net/ticker.hpp"
#include "proto/admin.hpp"
#include "proto/server_msg.hpp"
#include "server/registry.hpp"
#include "server/sqlite.hpp"
#include "server/store.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vsim::server {

struct billing_period {
    util::wall_time start, end;
};
// The one that `now` falls into; `reset_day` is 1..28, anything else counts as 1.
billing_period period_at(std::int64_t reset_day, util::wall_time now);

bool is_threshold_type(std::string_view text);
double gigabytes(std::uint64_t bytes);

class traffic {
public:
    explicit traffic(const registry& servers) : servers_{servers} {}

    // What an earlier run left. Before anything else.
    util::result<void> restore(database& db);

    // Each of these says what is to be stored now.
    rows_job collect(util::wall_time now, util::steady_time steady);
    rows_job close_periods(util::wall_time now); // the ended ones, for the history
    rows_job save() const;                       // all
    rows_job save(const std::vector<std::string>& server_ids) const; // those that are known

    void set_limit(const proto::traffic_limit_request& wanted, util::wall_time now);
    // false: nothing is known of that server.
    bool reset(const std::string& server_id, bool to_zero, util::wall_time now);

    // Empty where nothing is known of that server.
    std::optional<proto::traffic_config> config_of(const std::string& server_id) const;
    std::optional<proto::traffic_stats> stats_of(const std::string& server_id) const;
    std::vector<proto::traffic_stats> all() const; // with the servers' names

    // Collects every `minute` until `until` is stopped, saves every fifth time, and closes periods
    // every sixtieth.
    net::task<> run(store& rows, net::ticker& until, util::milliseconds minute);

private:
    struct account {
        billing_period period;
        std::int64_t reset_day = 1;
        std::uint64_t tx = 0, rx = 0;
        double limit_gb = 0;
        std::string threshold = "sum";
        std::uint64_t baseline_tx = 0, baseline_rx = 0;
        std::string baseline_time; // "" = none
        util::wall_time updated;
    };
    struct reading {
        std::uint64_t tx = 0, rx = 0;
    };
    struct growth {
        std::uint64_t tx = 0, rx = 0;
    };
    std::optional<growth> grow(const std::string& id, const reading& now); // under the lock
    static std::vector<sql_value> row_of(const std::string& id, const account& a);
    static double percent_used(const account& a);
    static proto::traffic_stats stats(const std::string& id, const account& a);

    const registry& servers_;
    mutable std::mutex mutex_;
    std::map<std::string, account> accounts_;
    std::unordered_map<std::string, reading> readings_;
};

// Of the tables, on the thread of `db`.
util::result<proto::traffic_periods>
read_traffic_history(database& db, const std::string& server_id, std::int64_t limit);
// `first` is YYYY-MM-DD. Name and limit are left for the caller.
util::result<proto::traffic_days>
read_traffic_days(database& db, const std::string& server_id, const std::string& first);

} // namespace vsim::server
