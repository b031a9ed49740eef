#include "server/traffic.hpp"

#include "proto/encode.hpp"
#include "table.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

util::wall_time at(const std::string& text) {
    return util::parse_rfc3339(text).value().at;
}

class fixture {
public:
    fixture() : writer_{server::writer::open(file_.path()).value()} {
        std::vector<proto::server_fields> wanted(1);
        wanted.front().name = "one";
        entry_ = servers_.add(std::move(wanted)).front();
    }

    const std::string& id() const { return *entry_->id; }
    server::traffic& used() { return used_; }

    void show(std::uint64_t tx, std::uint64_t rx) {
        proto::system_metrics m;
        m.network.total_tx = tx;
        m.network.total_rx = rx;
        entry_->set_live(std::make_shared<const proto::system_metrics>(std::move(m)), steady_);
    }
    // The agent shows these counters and a minute goes by.
    void minute(std::uint64_t tx, std::uint64_t rx, util::seconds age = 0s) {
        show(tx, rx);
        steady_ += age;
        store(used_.collect(now, steady_));
        now += 60s;
        steady_ += 60s - age;
    }
    void store(server::rows_job rows) {
        const std::vector<server::job> jobs{server::job{std::move(rows)}};
        const auto done = writer_.apply(jobs);
        REQUIRE(done.has_value());
        CHECK(done->refused == 0);
    }
    std::string counted() {
        const auto s = used_.stats_of(id());
        return s ? std::to_string(s->tx_bytes) + "/" + std::to_string(s->rx_bytes) : "none";
    }
    server::database read() { return file_.read(); }
    server::registry& servers() { return servers_; }

    util::wall_time now = at("2026-11-24T03:47:35Z");

private:
    test::db_file file_;
    server::writer writer_;
    server::registry servers_;
    server::entry_ptr entry_;
    server::traffic used_{servers_};
    util::steady_time steady_ = std::chrono::steady_clock::now();
};

proto::traffic_limit_request
limit(std::string id, double gb, std::string type = "sum", std::int64_t day = 1) {
    return {std::move(id), gb, std::move(type), day, 0};
}

} // namespace

TEST_CASE("a billing period begins at midnight of its day, this month or the last") {
    struct expected {
        std::int64_t day;
        const char *now, *start, *end;
    };
    const expected cases[] = {
        {1, "2026-11-24T03:47:35Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
        {24, "2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z", "2026-12-24T00:00:00Z"},
        {25, "2026-11-24T23:59:59Z", "2026-10-25T00:00:00Z", "2026-11-25T00:00:00Z"},
        {5, "2026-01-04T00:00:00Z", "2025-12-05T00:00:00Z", "2026-01-05T00:00:00Z"},
        {5, "2026-12-05T00:00:00Z", "2026-12-05T00:00:00Z", "2027-01-05T00:00:00Z"},
        {28, "2028-02-29T12:00:00Z", "2028-02-28T00:00:00Z", "2028-03-28T00:00:00Z"},
        {0, "2026-11-24T03:47:35Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
        {29, "2026-11-24T03:47:35Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.day);
        CAPTURE(c.now);
        const auto period = server::period_at(c.day, at(c.now));
        CHECK(util::format_rfc3339(period.start) == c.start);
        CHECK(util::format_rfc3339(period.end) == c.end);
    }
}

TEST_CASE("what a minute adds: growth, but no first reading, no fall and no leap") {
    fixture f;
    f.minute(1000, 500);
    CHECK(f.counted() == "none"); // a baseline only
    f.minute(1000, 500);
    CHECK(f.counted() == "none"); // nothing grew
    f.minute(1100, 550);
    CHECK(f.counted() == "100/50");
    f.minute(40, 600); // one counter was reset
    CHECK(f.counted() == "100/100");
    f.minute(50, 600 + 100 * gib);
    CHECK(f.counted() == "110/" + std::to_string(100 + 100 * gib));
    f.minute(60, 601 + 200 * gib); // more than 100 GiB in one direction: neither counts
    CHECK(f.counted() == "110/" + std::to_string(100 + 100 * gib));
    f.minute(70, 602 + 200 * gib); // from there on again
    CHECK(f.counted() == "120/" + std::to_string(101 + 100 * gib));
}

TEST_CASE("an agent that is silent for more than a minute is not read") {
    fixture f;
    f.minute(1000, 500);
    f.minute(2000, 500, 61s);
    CHECK(f.counted() == "none");
    f.minute(3000, 500, 60s);
    CHECK(f.counted() == "2000/0"); // since the last reading
}

TEST_CASE("days add up in their own rows") {
    fixture f;
    f.now = at("2026-11-24T23:58:30Z");
    for (std::uint64_t n = 0; n < 4; ++n) {
        f.minute(n * gib, n * 2 * gib);
    }
    auto db = f.read();
    const auto all = server::read_traffic_days(db, f.id(), "2026-11-01").value();
    REQUIRE(all.daily.size() == 2);
    CHECK(all.daily[0] == proto::traffic_day{"2026-11-24", 1, 2, 3});
    CHECK(all.daily[1] == proto::traffic_day{"2026-11-25", 2, 4, 6});
    CHECK(all.total_tx_gb == 3);
    CHECK(all.total_rx_gb == 6);
    CHECK(all.total_gb == 9);
    CHECK(server::read_traffic_days(db, f.id(), "2026-11-25").value().daily.size() == 1);
    CHECK(
        test::column(db, "SELECT sample_count FROM traffic_daily ORDER BY date") ==
        std::vector<std::string>{"1", "2"}
    );
}

TEST_CASE("usage is measured as the limit says") {
    const std::pair<const char*, double> cases[] = {
        {"sum", 40}, {"max", 30}, {"up", 10}, {"down", 30}, {"nonsense", 40}
    };
    fixture f;
    f.minute(0, 0);
    f.minute(gib, 3 * gib);
    CHECK(f.used().stats_of(f.id())->usage_percent == 0);
    for (const auto& [type, percent] : cases) {
        CAPTURE(type);
        f.used().set_limit(limit(f.id(), 10, type), f.now);
        const auto s = f.used().stats_of(f.id()).value();
        CHECK(s.usage_percent == percent);
        CHECK(s.threshold_type == (std::string{type} == "nonsense" ? "sum" : type));
        CHECK(s.tx_bytes == gib);
    }
}

TEST_CASE("a limit may come before any traffic, for a server that is not known, too") {
    fixture f;
    CHECK(!f.used().config_of("other"));
    f.used().set_limit(limit("other", 5.5, "up", 31), f.now);
    CHECK(f.used().config_of("other") == proto::traffic_config{5.5, 1, "up"});
    f.used().set_limit(limit("other", 5, "up", 25), f.now);
    const auto s = f.used().stats_of("other").value();
    CHECK(s.period_start == "2026-10-25T00:00:00Z");
    CHECK(s.period_end == "2026-11-25T00:00:00Z");
    CHECK(s.last_updated == "2026-11-24T03:47:35Z");
    CHECK(s.baseline_time == "0001-01-01T00:00:00Z");
    CHECK(f.used().all().size() == 1);
}

TEST_CASE(
    "a reset takes the present counters for a baseline, and forgets what was counted if asked to"
) {
    fixture f;
    CHECK(!f.used().reset(f.id(), true, f.now));
    f.minute(100, 50);
    f.minute(300, 150);
    f.now += 500ms;
    CHECK(f.used().reset(f.id(), false, f.now));
    auto s = f.used().stats_of(f.id()).value();
    CHECK(s.tx_bytes == 200);
    CHECK(s.baseline_tx == 300);
    CHECK(s.baseline_rx == 150);
    CHECK(s.baseline_time == "2026-11-24T03:49:35.5Z");
    CHECK(s.last_updated == s.baseline_time);
    CHECK(f.used().reset(f.id(), true, f.now));
    s = f.used().stats_of(f.id()).value();
    CHECK(s.total_bytes == 0);
    f.minute(310, 150);
    CHECK(f.counted() == "10/0");
}

TEST_CASE("a period that has ended goes to the history and a new one begins") {
    fixture f;
    f.used().set_limit(limit(f.id(), 8, "sum", 25), f.now);
    f.used().set_limit(limit("idle", 8, "sum", 25), f.now);
    f.minute(0, 0);
    f.minute(gib, gib);
    f.now = at("2026-11-25T00:00:00Z");
    CHECK(f.used().close_periods(f.now).rows.empty()); // not yet
    f.now += 1s;
    f.store(f.used().close_periods(f.now));
    CHECK(f.counted() == "0/0");
    CHECK(f.used().stats_of("idle")->period_start == "2026-11-25T00:00:00Z");
    auto db = f.read();
    const auto all = server::read_traffic_history(db, f.id(), 12).value();
    REQUIRE(all.total == 1);
    const auto& p = all.records.front();
    CHECK(p.period_start == "2026-10-25T00:00:00Z");
    CHECK(p.period_end == "2026-11-25T00:00:00Z");
    CHECK(p.total_bytes == 2 * gib);
    CHECK(p.total_bytes_gb == 2);
    CHECK(p.usage_percent == 25);
    CHECK(p.created_at == "0001-01-01T00:00:00Z");
    CHECK(server::read_traffic_history(db, "idle", 12).value().records.empty());
}

TEST_CASE("one account can be saved without the others") {
    fixture f;
    f.used().set_limit(limit("one", 1), f.now);
    f.used().set_limit(limit("two", 2), f.now);
    f.used().set_limit(limit("three", 3), f.now);
    CHECK(f.used().save({"nobody"}).rows.empty());
    f.store(f.used().save({"two", "nobody"}));
    auto db = f.read();
    CHECK(
        test::column(db, "SELECT server_id FROM traffic_stats") == std::vector<std::string>{"two"}
    );
}

TEST_CASE("what was saved is there after a restart") {
    fixture f;
    f.used().set_limit(limit("other", 5.5, "up", 25), f.now);
    f.minute(100, 50);
    f.minute(300, 150);
    f.used().reset(f.id(), false, f.now);
    f.store(f.used().save());
    f.store(f.used().save()); // the same rows
    auto db = f.read();
    server::traffic later{f.servers()};
    REQUIRE(later.restore(db).has_value());
    CHECK(proto::to_json(later.all()) == proto::to_json(f.used().all()));
    CHECK(later.all().size() == 2);
    CHECK(
        test::row(db, "SELECT baseline_time FROM traffic_stats WHERE server_id='other'") == "NULL"
    );
}
