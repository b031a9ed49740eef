#pragma once
// Reading history on a thread and a connection of its own: neither the loops nor the store wait for
// a query. Thread-safe.

#include "net/task.hpp"
#include "proto/admin.hpp"
#include "server/history.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace vsim::server {

class queries {
public:
    // `quirks`: with the row limit and the cache of vStats.
    explicit queries(database read_only, bool quirks = false);
    ~queries(); // waits for the queries under way
    queries(const queries&) = delete;
    queries& operator=(const queries&) = delete;

    // The body of the answer, JSON.
    net::task_result<std::string> history(history_query q, std::int64_t now_unix);
    net::task_result<proto::traffic_periods>
    traffic_history(std::string server_id, std::int64_t limit);
    net::task_result<proto::traffic_days> traffic_days(std::string server_id, std::string first);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace vsim::server
