// Small fleets on a reference server, and what verification says of its database afterwards:
// nothing, whatever befell them, and everything that is done to the rows.

#include "fleet/fleet.hpp"

#include "fleet/stage.hpp"
#include "verify/check.hpp"
#include "verify/database_source.hpp"
#include "verify/rest_source.hpp"

#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;

namespace {

verify::ledger ledger_of(const test::fleet_stage& s, const fleet::fleet& f) {
    verify::ledger l;
    l.run.seed = s.around.seed;
    l.run.interval = s.around.interval;
    l.run.agg_interval = s.around.agg_interval;
    l.run.server = "http://127.0.0.1:1";
    l.run.mode = "both";
    l.groups.assign(s.kinds.groups().begin(), s.kinds.groups().end());
    if (s.around.played != nullptr && s.around.played->incidents() != nullptr) {
        l.incidents = std::make_unique<model::incident_plan>(*s.around.played->incidents());
    }
    for (const auto& a : f.agents()) {
        const auto* group = &s.kinds.of(s.around.seed, a.who().index);
        const auto number = static_cast<std::size_t>(group - s.kinds.groups().data());
        l.agents.push_back(verify::entry_of(a, number));
    }
    return verify::parse_ledger(to_text(l)).value();
}

// Each difference is a failure that says what it is.
void check_nothing(const verify::ledger& l, const verify::outcome& o) {
    for (const auto& e : o.examples) {
        CAPTURE(l.agents[e.agent].name);
        CAPTURE(verify::name(e.what.what));
        CAPTURE(proto::name(e.what.granularity));
        CAPTURE(e.what.is_raw);
        CAPTURE(e.target);
        CAPTURE(e.what.bucket);
        CAPTURE(e.what.field.field);
        CAPTURE(e.what.field.expected);
        CAPTURE(e.what.field.found);
        CHECK(e.cause == "");
    }
}

net::task<verify::outcome> check(const test::fleet_stage& s, const verify::ledger& l) {
    net::asio::thread_pool threads{1};
    std::vector<verify::worker> workers;
    workers.push_back({net::asio::make_strand(threads), verify::open_database(s.database()).value()}
    );
    verify::check_options options;
    auto o = co_await verify::check(l, std::move(workers), std::move(options));
    threads.join();
    co_return o;
}

// What all of them say is what the server has, in every row.
net::task<verify::outcome> check_clean(const test::fleet_stage& s, const fleet::fleet& f) {
    const auto l = ledger_of(s, f);
    const auto o = co_await check(s, l);
    check_nothing(l, o);
    CHECK(o.is_clean());
    CHECK(o.agents == f.size());
    CHECK(o.unjudged == 0);
    CHECK(
        o.all.raw.expected <=
        s.counts.total(counter::metrics_sent) + s.counts.total(counter::batch_accepted)
    );
    co_return o;
}

std::int64_t execute(const test::fleet_stage& s, const std::string& sql) {
    auto db = server::database::open_for_writing(s.database()).value();
    REQUIRE(db.execute(sql).has_value());
    return db.changes();
}
void change(const test::fleet_stage& s, const std::string& sql) {
    CHECK(execute(s, sql) == 1);
}

std::vector<agent::group> without_store() {
    std::vector<agent::group> groups(1);
    groups[0].share = 0.5;
    groups[0].has_store = false;
    groups[0].interval = 300ms;
    return groups;
}

} // namespace

TEST_CASE("an undisturbed fleet is clean, and each thing done to its rows is found, alone") {
    test::fleet_stage s{8};
    s.kinds = agent::mix{without_store()};
    s.around.history = 10min;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        co_await s.wait(6s);
        co_await s.end(f);
        const auto clean = co_await check_clean(s, f);
        CHECK(clean.all.metrics[0].expected > 8 * 2);
        CHECK(clean.all.raw.expected == s.counts.total(counter::metrics_sent));
        const auto l = ledger_of(s, f);
        const auto one = "server_id = (SELECT min(server_id) FROM metrics_daily_agg)";
        struct plant {
            std::string sql;
            verify::kind what;
            std::string_view field;
        };
        const std::string here = std::string{" WHERE "} + one;
        const std::vector<plant> plants{
            {"UPDATE metrics_hourly_agg SET cpu_sum = cpu_sum + 0.01" + here +
                 " AND bucket = (SELECT max(bucket) FROM metrics_hourly_agg)",
             verify::kind::altered,
             "cpu_sum"},
            {"UPDATE ping_5sec SET fail_count = fail_count + 1 WHERE (server_id, "
             "target_name, bucket) = (SELECT server_id, target_name, bucket FROM ping_5sec" +
                 here + " LIMIT 1)",
             verify::kind::altered,
             "fail_count"},
            {"DELETE FROM metrics_2min" + here +
                 " AND bucket = (SELECT max(bucket) - 1 FROM metrics_2min)",
             verify::kind::missing,
             ""},
            {"INSERT INTO metrics_15min_agg SELECT server_id, bucket + 1000, cpu_sum, cpu_max, "
             "memory_sum, memory_max, disk_sum, net_rx, net_tx, ping_sum, ping_count, sample_count "
             "FROM metrics_15min_agg" +
                 here + " LIMIT 1",
             verify::kind::foreign,
             ""},
            {"INSERT INTO metrics_raw (server_id, timestamp, cpu_usage, memory_usage, disk_usage, "
             "net_rx, net_tx, load_1, load_5, load_15, bucket_5min, bucket_5sec) SELECT server_id, "
             "timestamp, cpu_usage, memory_usage, disk_usage, net_rx, net_tx, load_1, load_5, "
             "load_15, bucket_5min, bucket_5sec FROM metrics_raw LIMIT 1",
             verify::kind::twice,
             "samples"},
        };
        std::size_t planted = 0;
        for (const auto& p : plants) {
            change(s, p.sql);
            ++planted;
            const auto o = co_await check(s, l);
            CHECK(!o.is_clean());
            CHECK(o.examples.size() == planted);
            bool is_named = false;
            for (const auto& e : o.examples) {
                is_named = is_named || (e.what.what == p.what && e.what.field.field == p.field);
                CHECK(!e.cause.empty());
            }
            CHECK(is_named);
        }
    });
}

TEST_CASE("outages, churn, batches, incidents and agents without a store: all of it is expected") {
    for (const auto kept : {agent::backlog::aggregates, agent::backlog::batch}) {
        CAPTURE(kept);
        auto groups = without_store();
        groups.resize(2);
        groups[1].share = 0.2;
        groups[1].clock_skew = -90s;
        test::fleet_stage s{20};
        s.kinds = agent::mix{groups};
        s.around.kept = kept;
        s.around.coming_back = agent::reconnect::storm;
        agent::hardship_plan plan;
        plan.churn = 2;
        plan.outages.push_back({1s, 2s, 0.5, agent::cut::close});
        plan.outages.push_back({4s, 1s, 0.5, agent::cut::silent});
        agent::script script{
            1,
            agent::hardships{1, plan},
            {{2s, 2s, model::incident_kind::silent, 0.5}, {1s, 3s, model::incident_kind::cpu, 1}}
        };
        s.around.played = &script;
        s.around.history = 5min; // what was due between it and the first login comes as a batch
        s.run([&]() -> net::task<> {
            fleet::fleet f{s.pool, s.around, s.who};
            co_await f.send_history();
            co_await s.wait(1s);
            co_await f.ramp(0);
            script.begin(
                s.around.clock.to_wall(std::chrono::steady_clock::now()) + agent::script::lead
            );
            co_await s.wait(8s);
            co_await s.end(f);
            CHECK(s.counts.total(counter::agents_cut) > 0);
            co_await check_clean(s, f);
        });
    }
}

TEST_CASE("over REST an undisturbed fleet is clean, too, and a changed row is found") {
    test::fleet_stage s{6};
    s.around.history = 90min;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        co_await s.wait(3s);
        co_await s.end(f);
        const auto l = ledger_of(s, f);
        const auto check_rest = [&]() -> net::task<verify::outcome> {
            const auto where = co_await net::asio::this_coro::executor;
            std::vector<verify::worker> workers;
            workers.push_back({where, verify::rest_source(where, s.around.server)});
            verify::check_options options;
            auto o = co_await verify::check(l, std::move(workers), std::move(options));
            co_return o;
        };
        const auto clean = co_await check_rest();
        check_nothing(l, clean);
        CHECK(clean.is_clean());
        CHECK(clean.error == "");
        CHECK(clean.all.metrics[0].found > 6 * 700);
        CHECK(clean.all.metrics[4].found >= 6);
        CHECK(clean.all.pings[1].found > 6 * 5 * 40);
        change(
            s,
            "UPDATE metrics_2min SET memory_sum = memory_sum * 1.01 WHERE (server_id, bucket) = "
            "(SELECT server_id, max(bucket) - 3 FROM metrics_2min)"
        );
        const auto found = co_await check_rest();
        CHECK(found.all.metrics[1].altered == 1);
        REQUIRE(found.examples.size() == 1);
        CHECK(found.examples[0].what.field.field == "memory");
    });
}

TEST_CASE("rows that come late are waited for as long as more of them come") {
    test::fleet_stage s{4};
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(3s);
        co_await s.end(f);
        const auto l = ledger_of(s, f);
        execute(s, "CREATE TABLE hidden AS SELECT * FROM metrics_5sec");
        for (const std::size_t coming : {4U, 1U}) {
            CAPTURE(coming);
            execute(s, "DELETE FROM metrics_5sec");
            std::size_t rests = 0;
            net::asio::thread_pool threads{1};
            std::vector<verify::worker> workers;
            auto from = verify::open_database(s.database()).value();
            workers.push_back({net::asio::make_strand(threads), std::move(from)});
            verify::check_options options;
            options.rest = [&]() -> net::task<> {
                if (rests++ < coming) {
                    execute(
                        s,
                        "INSERT INTO metrics_5sec SELECT * FROM hidden WHERE server_id = '" +
                            s.who[rests - 1].id + "'"
                    );
                }
                co_return;
            };
            const auto o = co_await verify::check(l, std::move(workers), std::move(options));
            threads.join();
            CHECK(o.late > 0);
            CHECK(o.with_loss == 4 - coming);
            CHECK(o.is_clean() == (coming == 4));
            CHECK(rests == (coming == 4 ? 4 : 2)); // the second brought nothing
        }
    });
}
