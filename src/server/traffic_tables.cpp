#include "server/traffic.hpp"

#include <utility>

namespace vsim::server {

namespace {

// vStats cannot read back the form SQLite gives this column, and answers with Go's zero time.
constexpr std::string_view never_created = "0001-01-01T00:00:00Z";

util::result<void> finished(database& db, statement& rows) {
    if (rows.failed()) {
        return util::make_error(util::errc::io, db.last_error());
    }
    return {};
}

} // namespace

util::result<proto::traffic_periods>
read_traffic_history(database& db, const std::string& server_id, std::int64_t limit) {
    auto rows = db.prepare(
        "SELECT id,period_start,period_end,tx_bytes,rx_bytes,monthly_limit_gb,usage_percent FROM "
        "traffic_history WHERE server_id=? ORDER BY period_start DESC LIMIT ?"
    );
    if (!rows) {
        return rows.error();
    }
    rows->bind(1, std::string_view{server_id});
    rows->bind(2, limit);
    proto::traffic_periods reply;
    while (rows->next()) {
        proto::traffic_period p;
        p.id = rows->integer(0);
        p.server_id = server_id;
        p.period_start = rows->text(1);
        p.period_end = rows->text(2);
        p.tx_bytes = static_cast<std::uint64_t>(rows->integer(3));
        p.rx_bytes = static_cast<std::uint64_t>(rows->integer(4));
        p.tx_bytes_gb = gigabytes(p.tx_bytes);
        p.rx_bytes_gb = gigabytes(p.rx_bytes);
        p.total_bytes = p.tx_bytes + p.rx_bytes;
        p.total_bytes_gb = gigabytes(p.total_bytes);
        p.monthly_limit_gb = rows->real(5);
        p.usage_percent = rows->real(6);
        p.created_at = never_created;
        reply.records.push_back(std::move(p));
    }
    if (auto done = finished(db, *rows); !done) {
        return done.error();
    }
    reply.total = static_cast<std::int64_t>(reply.records.size());
    return reply;
}

util::result<proto::traffic_days>
read_traffic_days(database& db, const std::string& server_id, const std::string& first) {
    auto rows = db.prepare("SELECT date,tx_bytes,rx_bytes FROM traffic_daily WHERE server_id=? AND "
                           "date>=? ORDER BY date");
    if (!rows) {
        return rows.error();
    }
    rows->bind(1, std::string_view{server_id});
    rows->bind(2, std::string_view{first});
    proto::traffic_days reply;
    reply.server_id = server_id;
    while (rows->next()) {
        proto::traffic_day d;
        d.date = rows->text(0);
        d.tx_bytes_gb = gigabytes(static_cast<std::uint64_t>(rows->integer(1)));
        d.rx_bytes_gb = gigabytes(static_cast<std::uint64_t>(rows->integer(2)));
        d.total_gb = d.tx_bytes_gb + d.rx_bytes_gb;
        reply.total_tx_gb += d.tx_bytes_gb;
        reply.total_rx_gb += d.rx_bytes_gb;
        reply.daily.push_back(std::move(d));
    }
    if (auto done = finished(db, *rows); !done) {
        return done.error();
    }
    reply.total_gb = reply.total_tx_gb + reply.total_rx_gb;
    return reply;
}

} // namespace vsim::server
