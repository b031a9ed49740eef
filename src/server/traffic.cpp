#include "server/traffic.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::server {

namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
constexpr std::uint64_t most_growth = 100 * gibibyte; // in a minute; more is a counter gone wrong
constexpr util::seconds fresh_for{60};
constexpr std::string_view never = "0001-01-01T00:00:00Z"; // Go's zero time
constexpr int save_every = 5, close_every = 60;            // minutes

constexpr std::string_view save_stats =
    "INSERT INTO traffic_stats (server_id,period_start,period_end,reset_day,tx_bytes,rx_bytes,"
    "monthly_limit_gb,threshold_type,baseline_tx,baseline_rx,baseline_time,last_updated) "
    "VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (server_id) DO UPDATE SET "
    "period_start=excluded.period_start,period_end=excluded.period_end,"
    "reset_day=excluded.reset_day,tx_bytes=excluded.tx_bytes,rx_bytes=excluded.rx_bytes,"
    "monthly_limit_gb=excluded.monthly_limit_gb,threshold_type=excluded.threshold_type,"
    "baseline_tx=excluded.baseline_tx,baseline_rx=excluded.baseline_rx,"
    "baseline_time=excluded.baseline_time,last_updated=excluded.last_updated";
constexpr std::string_view add_to_day =
    "INSERT INTO traffic_daily (server_id,date,tx_bytes,rx_bytes,sample_count) VALUES (?,?,?,?,1) "
    "ON CONFLICT (server_id, date) DO UPDATE SET tx_bytes=tx_bytes+excluded.tx_bytes,"
    "rx_bytes=rx_bytes+excluded.rx_bytes,sample_count=sample_count+1";
constexpr std::string_view keep_period =
    "INSERT OR REPLACE INTO traffic_history (server_id,period_start,period_end,tx_bytes,rx_bytes,"
    "monthly_limit_gb,usage_percent) VALUES (?,?,?,?,?,?,?)";

std::string date_text(util::wall_time t) {
    return util::format_rfc3339(t).substr(0, 10);
}

// As Go writes a time in JSON: as many digits as it takes.
std::string exact_text(util::wall_time t) {
    auto text = util::format_rfc3339(t, 9);
    text.pop_back();
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text + 'Z';
}

std::int64_t stored(std::uint64_t bytes) {
    return static_cast<std::int64_t>(
        std::min(bytes, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    );
}

util::wall_time instant_or_epoch(std::string_view text) {
    const auto parsed = util::parse_rfc3339(text);
    return parsed ? parsed->at : util::wall_time{};
}

} // namespace

billing_period period_at(std::int64_t reset_day, util::wall_time now) {
    using namespace std::chrono;
    const auto day_of_month =
        day{static_cast<unsigned>(reset_day >= 1 && reset_day <= 28 ? reset_day : 1)};
    const year_month_day today{floor<days>(now)};
    auto month = today.year() / today.month();
    if (today.day() < day_of_month) {
        month -= months{1};
    }
    return {sys_days{month / day_of_month}, sys_days{(month + months{1}) / day_of_month}};
}

bool is_threshold_type(std::string_view text) {
    return text == "sum" || text == "max" || text == "up" || text == "down";
}

double gigabytes(std::uint64_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(gibibyte);
}

util::result<void> traffic::restore(database& db) {
    auto rows = db.prepare(
        "SELECT server_id,period_start,period_end,reset_day,tx_bytes,rx_bytes,monthly_limit_gb,"
        "threshold_type,baseline_tx,baseline_rx,baseline_time,last_updated FROM traffic_stats"
    );
    if (!rows) {
        return rows.error();
    }
    const std::lock_guard lock{mutex_};
    while (rows->next()) {
        auto& a = accounts_[std::string{rows->text(0)}];
        a.period = {instant_or_epoch(rows->text(1)), instant_or_epoch(rows->text(2))};
        a.reset_day = rows->integer(3);
        a.tx = static_cast<std::uint64_t>(rows->integer(4));
        a.rx = static_cast<std::uint64_t>(rows->integer(5));
        a.limit_gb = rows->real(6);
        a.threshold = rows->text(7);
        a.baseline_tx = static_cast<std::uint64_t>(rows->integer(8));
        a.baseline_rx = static_cast<std::uint64_t>(rows->integer(9));
        a.baseline_time = rows->is_null(10) ? std::string_view{} : rows->text(10);
        a.updated = instant_or_epoch(rows->text(11));
    }
    if (rows->failed()) {
        return util::make_error(util::errc::io, "database: " + db.last_error());
    }
    return {};
}

std::optional<traffic::growth> traffic::grow(const std::string& id, const reading& now) {
    const auto [at, is_first] = readings_.try_emplace(id, now);
    const auto before = std::exchange(at->second, now);
    growth by;
    by.tx = now.tx > before.tx ? now.tx - before.tx : 0; // a counter that fell was reset
    by.rx = now.rx > before.rx ? now.rx - before.rx : 0;
    if (is_first || (by.tx == 0 && by.rx == 0) || by.tx > most_growth || by.rx > most_growth) {
        return {};
    }
    return by;
}

rows_job traffic::collect(util::wall_time now, util::steady_time steady) {
    rows_job rows{add_to_day, {}};
    const auto today = date_text(now);
    const auto all = servers_.all();
    const std::lock_guard lock{mutex_};
    for (const auto& entry : *all) {
        const auto metrics = entry->updated_within(fresh_for, steady);
        if (!metrics) {
            continue;
        }
        const auto by = grow(*entry->id, {metrics->network.total_tx, metrics->network.total_rx});
        if (!by) {
            continue;
        }
        const auto [at, is_new] = accounts_.try_emplace(*entry->id);
        auto& a = at->second;
        if (is_new) {
            a.period = period_at(1, now);
        }
        a.tx += by->tx;
        a.rx += by->rx;
        a.updated = now;
        rows.rows.push_back({*entry->id, today, stored(by->tx), stored(by->rx)});
    }
    return rows;
}

rows_job traffic::close_periods(util::wall_time now) {
    rows_job rows{keep_period, {}};
    const std::lock_guard lock{mutex_};
    for (auto& [id, a] : accounts_) {
        if (now <= a.period.end) {
            continue;
        }
        if (a.tx > 0 || a.rx > 0) {
            rows.rows.push_back(
                {id,
                 util::format_rfc3339(a.period.start),
                 util::format_rfc3339(a.period.end),
                 stored(a.tx),
                 stored(a.rx),
                 a.limit_gb,
                 percent_used(a)}
            );
        }
        a.period = period_at(a.reset_day, now);
        a.tx = a.rx = a.baseline_tx = a.baseline_rx = 0;
        a.baseline_time.clear();
        a.updated = now;
    }
    return rows;
}

std::vector<sql_value> traffic::row_of(const std::string& id, const account& a) {
    return {
        id,
        util::format_rfc3339(a.period.start),
        util::format_rfc3339(a.period.end),
        a.reset_day,
        stored(a.tx),
        stored(a.rx),
        a.limit_gb,
        a.threshold,
        stored(a.baseline_tx),
        stored(a.baseline_rx),
        a.baseline_time.empty() ? sql_value{} : sql_value{a.baseline_time},
        util::format_rfc3339(a.updated)
    };
}

rows_job traffic::save() const {
    rows_job rows{save_stats, {}};
    const std::lock_guard lock{mutex_};
    for (const auto& [id, a] : accounts_) {
        rows.rows.push_back(row_of(id, a));
    }
    return rows;
}

rows_job traffic::save(const std::vector<std::string>& server_ids) const {
    rows_job rows{save_stats, {}};
    const std::lock_guard lock{mutex_};
    for (const auto& id : server_ids) {
        if (const auto found = accounts_.find(id); found != accounts_.end()) {
            rows.rows.push_back(row_of(id, found->second));
        }
    }
    return rows;
}

void traffic::set_limit(const proto::traffic_limit_request& wanted, util::wall_time now) {
    const auto day = wanted.reset_day >= 1 && wanted.reset_day <= 28 ? wanted.reset_day : 1;
    const std::lock_guard lock{mutex_};
    const auto [at, is_new] = accounts_.try_emplace(wanted.server_id);
    auto& a = at->second;
    if (is_new || a.reset_day != day) {
        a.period = period_at(day, now);
    }
    a.reset_day = day;
    a.limit_gb = wanted.monthly_limit_gb;
    a.threshold = is_threshold_type(wanted.threshold_type) ? wanted.threshold_type : "sum";
    a.updated = now;
}

bool traffic::reset(const std::string& server_id, bool to_zero, util::wall_time now) {
    const std::lock_guard lock{mutex_};
    const auto found = accounts_.find(server_id);
    if (found == accounts_.end()) {
        return false;
    }
    auto& a = found->second;
    if (to_zero) {
        a.tx = a.rx = 0;
    }
    if (const auto last = readings_.find(server_id); last != readings_.end()) {
        a.baseline_tx = last->second.tx;
        a.baseline_rx = last->second.rx;
        a.baseline_time = exact_text(now);
    }
    a.updated = now;
    return true;
}

double traffic::percent_used(const account& a) {
    if (a.limit_gb <= 0) {
        return 0;
    }
    const auto up = gigabytes(a.tx), down = gigabytes(a.rx);
    double used = gigabytes(a.tx + a.rx);
    if (a.threshold == "max") {
        used = std::max(up, down);
    } else if (a.threshold == "up") {
        used = up;
    } else if (a.threshold == "down") {
        used = down;
    }
    return used / a.limit_gb * 100;
}

proto::traffic_stats traffic::stats(const std::string& id, const account& a) {
    proto::traffic_stats s;
    s.server_id = id;
    s.period_start = util::format_rfc3339(a.period.start);
    s.period_end = util::format_rfc3339(a.period.end);
    s.reset_day = a.reset_day;
    s.tx_bytes = a.tx;
    s.rx_bytes = a.rx;
    s.tx_bytes_gb = gigabytes(a.tx);
    s.rx_bytes_gb = gigabytes(a.rx);
    s.total_bytes = a.tx + a.rx;
    s.total_bytes_gb = gigabytes(s.total_bytes);
    s.monthly_limit_gb = a.limit_gb;
    s.threshold_type = a.threshold;
    s.usage_percent = percent_used(a);
    s.last_updated = exact_text(a.updated);
    s.baseline_tx = a.baseline_tx;
    s.baseline_rx = a.baseline_rx;
    s.baseline_time = a.baseline_time.empty() ? never : std::string_view{a.baseline_time};
    return s;
}

std::optional<proto::traffic_config> traffic::config_of(const std::string& server_id) const {
    const std::lock_guard lock{mutex_};
    const auto found = accounts_.find(server_id);
    if (found == accounts_.end()) {
        return {};
    }
    const auto& a = found->second;
    return proto::traffic_config{a.limit_gb, a.reset_day, a.threshold};
}

std::optional<proto::traffic_stats> traffic::stats_of(const std::string& server_id) const {
    const std::lock_guard lock{mutex_};
    const auto found = accounts_.find(server_id);
    return found == accounts_.end() ? std::nullopt : std::optional{stats(server_id, found->second)};
}

std::vector<proto::traffic_stats> traffic::all() const {
    std::vector<proto::traffic_stats> all;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [id, a] : accounts_) {
            all.push_back(stats(id, a));
        }
    }
    for (auto& one : all) {
        if (const auto entry = servers_.find(one.server_id)) {
            one.server_name = entry->object().fields.name;
        }
    }
    return all;
}

net::task<> traffic::run(store& rows, net::ticker& until, util::milliseconds minute) {
    auto due = std::chrono::steady_clock::now() + minute;
    for (int n = 0;; ++n, due += minute) {
        std::vector<rows_job> work;
        const auto now = std::chrono::system_clock::now();
        if (n > 0) {
            work.push_back(collect(now, std::chrono::steady_clock::now()));
        }
        if (n % close_every == 0) { // at the start, too: one may have ended while nobody ran
            work.push_back(close_periods(now));
        }
        if (n % save_every == 0) {
            work.push_back(save());
        }
        for (auto& one : work) {
            if (!one.rows.empty()) {
                job j{std::move(one)};
                co_await rows.push(std::move(j));
            }
        }
        const auto woken = co_await until.sleep_until(due);
        if (woken == net::wake::stopped) {
            break;
        }
    }
    auto last = save();
    if (!last.rows.empty()) {
        job j{std::move(last)};
        co_await rows.push(std::move(j));
    }
}

} // namespace vsim::server
