#pragma once
// Jobs → rows: the merge rules of protocol.md 3.4 as SQL. Knows nothing of threads or queues; the
// store calls it on its own thread, tests call it directly. Thread-bound.

#include "server/rows.hpp"
#include "server/sqlite.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vsim::server {

using id_ptr = std::shared_ptr<const std::string>; // a server's id, shared by all of its jobs

struct sample_job { // a realtime "metrics" message
    id_ptr id;
    metrics_ptr metrics;
};
struct aggregate_job { // an "aggregated_metrics" message
    id_ptr id;
    std::vector<proto::granularity_data> granularities;
};
struct batch_job { // the accepted part of a "batch_metrics" message
    id_ptr id;
    batch_content content;
};
struct save_server_job {
    std::string id;
    std::int64_t position = 0;
    std::string object;  // JSON
    bool is_new = false; // else a change, which does not bring back a server removed meanwhile
};
struct remove_server_job {
    std::string id;
};
struct save_setting_job {
    std::string name, value;
};
using sql_value = std::variant<std::monostate, std::int64_t, double, std::string>; // or NULL
struct rows_job {         // the same statement once for each row; for what comes seldom
    std::string_view sql; // of a constant
    std::vector<std::vector<sql_value>> rows;
};
using job = std::variant<
    sample_job,
    aggregate_job,
    batch_job,
    save_server_job,
    remove_server_job,
    save_setting_job,
    rows_job>;

// How many rows a job writes, at least 1: the measure of the queue.
std::size_t weight(const job& j);

struct written {
    std::uint64_t rows = 0, refused = 0, skipped = 0; // as in status
    std::string error;                                // of the last refused row that SQLite refused
    std::string skipped_example;                      // in words; "" = nothing was skipped
};

class writer {
public:
    static util::result<writer> open(const std::string& path);

    // One transaction. Rows that fail are counted and left out, unless the file itself fails; an
    // error means that nothing of the jobs was stored: timeout (somebody else holds the database,
    // worth another try), io.
    util::result<written> apply(std::span<const job> jobs);

    database& db() { return db_; }

private:
    explicit writer(database db) : db_{std::move(db)} {}
    util::result<void> prepare();

    void apply(const sample_job& j);
    void apply(const aggregate_job& j);
    void apply(const batch_job& j);
    void apply(const save_server_job& j);
    void apply(const remove_server_job& j);
    void apply(const save_setting_job& j);
    void apply(const rows_job& j);

    void add_sample(const std::string& id, const sample_row& row);
    bool is_known(const std::string& id, const sample_row& row);
    void write_batch_sample(const std::string& id, const proto::system_metrics& m);
    void write_bucket(statement& into, const std::string& id, const proto::metric_bucket& row);
    void write_ping(statement& into, const std::string& id, const ping_row& row);
    void skip(const std::string& id, std::string_view what);
    void run(statement& s);
    util::error undo();

    database db_;
    statement begin_, commit_, rollback_;
    statement raw_, raw_known_, ping_raw_;
    std::array<statement, 2> add_;                                 // 5sec, 2min
    std::array<statement, proto::granularity_count> replace_;      // aggregated metrics
    std::array<statement, proto::granularity_count> replace_ping_; // realtime, latency_max too
    std::array<statement, proto::granularity_count> merge_ping_;   // aggregated: MAX of latency_max
    statement fill_gap_;                                           // 2min, if there is no row yet
    statement add_server_, save_server_, remove_server_, save_setting_;
    std::map<std::string_view, statement> seldom_; // of rows_job
    written now_;
    std::string broken_; // why the transaction under way cannot be committed; "" = it can
};

} // namespace vsim::server
