#include "server/writer.hpp"

#include "server/tables.hpp"

#include <fmt/format.h>

#include <utility>

namespace vsim::server {

namespace {

using proto::granularity;

constexpr std::string_view insert_bucket = "INSERT INTO {} VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ";
constexpr std::string_view insert_ping = "INSERT INTO {} VALUES (?,?,?,?,?,?,?,?,?) ";
constexpr std::string_view keep_maxima = "ON CONFLICT (server_id, bucket) DO UPDATE SET "
                                         "cpu_max=MAX(cpu_max,excluded.cpu_max),"
                                         "memory_max=MAX(memory_max,excluded.memory_max),"
                                         "net_rx=MAX(net_rx,excluded.net_rx),"
                                         "net_tx=MAX(net_tx,excluded.net_tx),";
constexpr std::string_view add_sums = "cpu_sum=cpu_sum+excluded.cpu_sum,"
                                      "memory_sum=memory_sum+excluded.memory_sum,"
                                      "disk_sum=disk_sum+excluded.disk_sum,"
                                      "ping_sum=ping_sum+excluded.ping_sum,"
                                      "ping_count=ping_count+excluded.ping_count,"
                                      "sample_count=sample_count+excluded.sample_count";
constexpr std::string_view replace_sums = "cpu_sum=excluded.cpu_sum,"
                                          "memory_sum=excluded.memory_sum,"
                                          "disk_sum=excluded.disk_sum,"
                                          "ping_sum=excluded.ping_sum,"
                                          "ping_count=excluded.ping_count,"
                                          "sample_count=excluded.sample_count";
constexpr std::string_view replace_pings =
    "ON CONFLICT (server_id, target_name, bucket) DO UPDATE SET "
    "target_host=excluded.target_host,"
    "latency_sum=excluded.latency_sum,"
    "latency_count=excluded.latency_count,"
    "ok_count=excluded.ok_count,"
    "fail_count=excluded.fail_count,";

std::string into(std::string_view insert, std::string_view table) {
    return fmt::format(fmt::runtime(insert), table);
}

void bind(statement& to, int at, std::monostate) {
    to.bind(at, std::optional<double>{});
}
void bind(statement& to, int at, const std::string& text) {
    to.bind(at, std::string_view{text});
}
void bind(statement& to, int at, auto number) {
    to.bind(at, number);
}

} // namespace

util::result<writer> writer::open(const std::string& path) {
    auto db = database::open_for_writing(path);
    if (!db) {
        return db.error();
    }
    writer w{std::move(*db)};
    if (auto ready = w.prepare(); !ready) {
        return ready.error();
    }
    // The store tries again itself, and says so.
    if (auto set = w.db_.execute("PRAGMA busy_timeout=500"); !set) {
        return set.error();
    }
    return w;
}

util::result<void> writer::prepare() {
    std::vector<std::pair<statement*, std::string>> wanted{
        {&begin_, "BEGIN IMMEDIATE"},
        {&commit_, "COMMIT"},
        {&rollback_, "ROLLBACK"},
        {&raw_,
         "INSERT INTO metrics_raw (server_id,timestamp,cpu_usage,memory_usage,disk_usage,net_rx,"
         "net_tx,load_1,load_5,load_15,ping_ms,bucket_5min,bucket_5sec) "
         "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"},
        {&raw_known_,
         "SELECT 1 FROM metrics_raw WHERE server_id=?1 AND bucket_5sec=?2 UNION ALL "
         "SELECT 1 FROM metrics_raw WHERE server_id=?1 AND timestamp=?3 LIMIT 1"},
        {&ping_raw_,
         "INSERT INTO ping_raw (server_id,timestamp,target_name,target_host,latency_ms,"
         "packet_loss,status,bucket_5min,bucket_5sec) VALUES (?,?,?,?,?,?,?,?,?)"},
        {&fill_gap_,
         into(insert_bucket, "metrics_2min") + "ON CONFLICT (server_id, bucket) DO NOTHING"},
        {&add_server_, "INSERT INTO config_servers (object,id,position) VALUES (?,?,?)"},
        {&save_server_, "UPDATE config_servers SET object=? WHERE id=?"},
        {&remove_server_, "DELETE FROM config_servers WHERE id=?"},
        {&save_setting_, "INSERT OR REPLACE INTO config_settings VALUES (?,?)"},
    };
    for (const auto& facts : proto::granularities) {
        const auto at = proto::position(facts.id);
        const auto metrics = into(insert_bucket, metrics_table(facts.id)).append(keep_maxima);
        const auto ping = into(insert_ping, ping_table(facts.id)).append(replace_pings);
        if (at < add_.size()) {
            wanted.emplace_back(&add_[at], std::string{metrics}.append(add_sums));
        }
        wanted.emplace_back(&replace_[at], std::string{metrics}.append(replace_sums));
        wanted.emplace_back(&replace_ping_[at], ping + "latency_max=excluded.latency_max");
        wanted.emplace_back(
            &merge_ping_[at], ping + "latency_max=MAX(latency_max,excluded.latency_max)"
        );
    }
    for (auto& [target, sql] : wanted) {
        auto prepared = db_.prepare(sql);
        if (!prepared) {
            return prepared.error();
        }
        *target = std::move(*prepared);
    }
    return {};
}

util::result<written> writer::apply(std::span<const job> jobs) {
    now_ = {};
    broken_.clear();
    if (!begin_.run()) {
        const auto code = db_.was_locked() ? util::errc::timeout : util::errc::io;
        return util::make_error(code, db_.last_error());
    }
    for (const auto& j : jobs) {
        std::visit([this](const auto& one) { apply(one); }, j);
        if (!broken_.empty()) {
            return undo(); // what came after would be committed alone, row by row
        }
    }
    if (!commit_.run()) {
        broken_ = db_.last_error();
        return undo();
    }
    return now_;
}

util::error writer::undo() {
    if (db_.is_in_transaction()) {
        rollback_.run();
    }
    return util::make_error(util::errc::io, broken_);
}

void writer::skip(const std::string& id, std::string_view what) {
    if (now_.skipped++ == 0) {
        now_.skipped_example = fmt::format("server {}, {}", id, what);
    }
}

void writer::run(statement& s) {
    if (s.run()) {
        ++now_.rows;
    } else {
        ++now_.refused;
        now_.error = db_.last_error();
        if (db_.has_failed() || !db_.is_in_transaction()) {
            broken_ = now_.error;
        }
    }
}

void writer::add_sample(const std::string& id, const sample_row& row) {
    if (!fits(row.net_rx) || !fits(row.net_tx)) {
        now_.refused += 3;
        return;
    }
    const auto rx = static_cast<std::int64_t>(row.net_rx);
    const auto tx = static_cast<std::int64_t>(row.net_tx);
    const auto bucket_5sec = proto::bucket_index(granularity::sec5, row.unix_seconds);
    const auto bucket_2min = proto::bucket_index(granularity::min2, row.unix_seconds);
    raw_.bind(1, std::string_view{id});
    raw_.bind(2, std::string_view{row.timestamp});
    raw_.bind(3, row.cpu);
    raw_.bind(4, row.memory);
    raw_.bind(5, row.disk);
    raw_.bind(6, rx);
    raw_.bind(7, tx);
    raw_.bind(8, row.load_1);
    raw_.bind(9, row.load_5);
    raw_.bind(10, row.load_15);
    raw_.bind(11, row.ping_ms);
    raw_.bind(12, bucket_2min);
    raw_.bind(13, bucket_5sec);
    run(raw_);

    proto::metric_bucket one;
    one.cpu_sum = one.cpu_max = row.cpu;
    one.memory_sum = one.memory_max = row.memory;
    one.disk_sum = row.disk;
    one.net_rx = row.net_rx;
    one.net_tx = row.net_tx;
    one.ping_sum = row.ping_ms.value_or(0.0);
    one.ping_count = row.ping_ms ? 1 : 0;
    one.sample_count = 1;
    one.bucket = bucket_5sec;
    write_bucket(add_[proto::position(granularity::sec5)], id, one);
    one.bucket = bucket_2min;
    write_bucket(add_[proto::position(granularity::min2)], id, one);
}

void writer::write_bucket(statement& into, const std::string& id, const proto::metric_bucket& row) {
    if (!fits(row.net_rx) || !fits(row.net_tx)) {
        ++now_.refused;
        return;
    }
    into.bind(1, std::string_view{id});
    into.bind(2, row.bucket);
    into.bind(3, row.cpu_sum);
    into.bind(4, row.cpu_max);
    into.bind(5, row.memory_sum);
    into.bind(6, row.memory_max);
    into.bind(7, row.disk_sum);
    into.bind(8, static_cast<std::int64_t>(row.net_rx));
    into.bind(9, static_cast<std::int64_t>(row.net_tx));
    into.bind(10, row.ping_sum);
    into.bind(11, row.ping_count);
    into.bind(12, row.sample_count);
    run(into);
}

void writer::write_ping(statement& into, const std::string& id, const ping_row& row) {
    into.bind(1, std::string_view{id});
    into.bind(2, row.bucket);
    into.bind(3, row.name);
    into.bind(4, row.host);
    into.bind(5, row.latency_sum);
    into.bind(6, row.latency_max);
    into.bind(7, row.latency_count);
    into.bind(8, row.ok_count);
    into.bind(9, row.fail_count);
    run(into);
}

void writer::apply(const sample_job& j) {
    add_sample(*j.id, sample_of(*j.metrics));
    if (!j.metrics->ping || j.metrics->ping->targets.empty()) {
        return; // agg_* without targets is ignored
    }
    const auto& ping = *j.metrics->ping;
    const auto bucket = proto::bucket_index(granularity::sec5, ping_second(*j.metrics));
    for (const auto& target : ping.targets) {
        write_ping(
            replace_ping_[proto::position(granularity::sec5)], *j.id, ping_of(target, bucket)
        );
    }
    const std::pair<granularity, const std::vector<proto::ping_aggregate>*> totals[] = {
        {granularity::min2, &ping.agg_2min},
        {granularity::min15, &ping.agg_15min},
        {granularity::hourly, &ping.agg_hourly},
        {granularity::daily, &ping.agg_daily},
    };
    for (const auto& [g, rows] : totals) {
        for (const auto& row : *rows) {
            write_ping(replace_ping_[proto::position(g)], *j.id, ping_of(row));
        }
    }
}

void writer::apply(const aggregate_job& j) {
    for (const auto& data : j.granularities) {
        const auto g = proto::granularity_from_name(data.granularity);
        if (!g) {
            continue;
        }
        for (const auto& row : data.metrics) {
            write_bucket(replace_[proto::position(*g)], *j.id, row);
        }
        for (const auto& row : data.ping) {
            write_ping(merge_ping_[proto::position(*g)], *j.id, ping_of(row));
        }
    }
}

bool writer::is_known(const std::string& id, const sample_row& row) {
    raw_known_.bind(1, std::string_view{id});
    raw_known_.bind(2, proto::bucket_index(granularity::sec5, row.unix_seconds));
    raw_known_.bind(3, std::string_view{row.timestamp});
    const bool found = raw_known_.next();
    raw_known_.reset();
    return found;
}

void writer::write_batch_sample(const std::string& id, const proto::system_metrics& m) {
    const auto row = sample_of(m);
    if (is_known(id, row)) {
        skip(id, row.timestamp);
        return;
    }
    add_sample(id, row);
    if (!m.ping) {
        return;
    }
    const auto bucket_5sec = proto::bucket_index(granularity::sec5, row.unix_seconds);
    const auto bucket_2min = proto::bucket_index(granularity::min2, row.unix_seconds);
    for (const auto& target : m.ping->targets) {
        ping_raw_.bind(1, std::string_view{id});
        ping_raw_.bind(2, std::string_view{row.timestamp});
        ping_raw_.bind(3, std::string_view{target.name});
        ping_raw_.bind(4, std::string_view{target.host});
        ping_raw_.bind(5, target.latency_ms);
        ping_raw_.bind(6, target.packet_loss);
        ping_raw_.bind(7, std::string_view{target.status});
        ping_raw_.bind(8, bucket_2min);
        ping_raw_.bind(9, bucket_5sec);
        run(ping_raw_);
        write_ping(
            replace_ping_[proto::position(granularity::sec5)], id, ping_of(target, bucket_5sec)
        );
        write_ping(
            replace_ping_[proto::position(granularity::min2)], id, ping_of(target, bucket_2min)
        );
    }
}

void writer::apply(const batch_job& j) {
    for (const auto& sample : j.content.samples) {
        write_batch_sample(*j.id, *sample);
    }
    for (const auto& summary : j.content.summaries) {
        const auto before = now_.rows;
        write_bucket(fill_gap_, *j.id, summary.row);
        if (now_.rows > before && db_.changes() == 0) {
            --now_.rows;
            skip(*j.id, fmt::format("2min bucket {}", summary.row.bucket));
        }
        if (summary.last) {
            write_batch_sample(*j.id, *summary.last);
        }
    }
}

void writer::apply(const save_server_job& j) {
    auto& into = j.is_new ? add_server_ : save_server_;
    into.bind(1, std::string_view{j.object});
    into.bind(2, std::string_view{j.id});
    if (j.is_new) {
        into.bind(3, j.position);
    }
    run(into);
}

void writer::apply(const remove_server_job& j) {
    remove_server_.bind(1, std::string_view{j.id});
    run(remove_server_);
}

void writer::apply(const save_setting_job& j) {
    save_setting_.bind(1, std::string_view{j.name});
    save_setting_.bind(2, std::string_view{j.value});
    run(save_setting_);
}

void writer::apply(const rows_job& j) {
    auto found = seldom_.find(j.sql);
    if (found == seldom_.end()) {
        auto prepared = db_.prepare(j.sql);
        if (!prepared) {
            now_.refused += j.rows.size();
            now_.error = prepared.error().message;
            return;
        }
        found = seldom_.emplace(j.sql, std::move(*prepared)).first;
    }
    auto& into = found->second;
    for (const auto& row : j.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::visit(
                [&, at = static_cast<int>(i + 1)](const auto& v) { bind(into, at, v); }, row[i]
            );
        }
        run(into);
    }
}

} // namespace vsim::server
