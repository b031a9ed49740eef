#pragma once
// Reading history on a thread and a connection of its own: neither the loops nor the store wait for
// a query. Thread-safe.

#include "net/task.hpp"
#include "server/history.hpp"

#include <memory>
#include <string>

namespace vsim::server {

class queries {
public:
    explicit queries(database read_only);
    ~queries(); // waits for the queries under way
    queries(const queries&) = delete;
    queries& operator=(const queries&) = delete;

    // The body of the answer, JSON.
    net::task_result<std::string> history(history_query q, std::int64_t now_unix);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace vsim::server
