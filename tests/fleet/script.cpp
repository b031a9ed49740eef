// A script's corners: what it does to agents at odd moments.

#include "fleet/fleet.hpp"
#include "fleet/stage.hpp"

#include <ctime>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;

namespace {

double cpu_seconds() {
    timespec t{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void begin(agent::script& script, const test::fleet_stage& s) {
    script.begin(s.around.clock.to_wall(std::chrono::steady_clock::now()) + agent::script::lead);
}

agent::script cut_at(std::vector<agent::outage> outages) {
    return {1, agent::hardships{1, {std::move(outages), 0}}, {}};
}

} // namespace

TEST_CASE("an outage soon after the ramp hits everybody, however seldom they wake") {
    test::fleet_stage s{30};
    auto script = cut_at({{500ms, 5s, 1, agent::cut::close}});
    s.around.played = &script;
    s.around.interval = 3s;
    s.around.agg_interval = 60s;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(4500ms);
        CHECK(s.counts.total(counter::agents_cut) == 30);
        CHECK(f.figures().online == 0);
        co_await s.end(f);
    });
}

TEST_CASE("who was dropped shortly before an outage stays away until its end") {
    test::fleet_stage s{6};
    auto script = cut_at({{500ms, 1s, 1, agent::cut::close}, {4s, 12s, 1, agent::cut::close}});
    s.around.played = &script;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(10s);
        CHECK(f.figures().online == 0);
        co_await s.wait(3s);
        CHECK(f.figures().online == 0);
        co_await s.end(f);
    });
}

TEST_CASE("a stop during an outage forgets nothing that was sampled in it") {
    for (const auto how : {agent::cut::close, agent::cut::silent}) {
        CAPTURE(how);
        test::fleet_stage s{4};
        auto script = cut_at({{500ms, 1h, 1, how}});
        s.around.played = &script;
        s.run([&]() -> net::task<> {
            fleet::fleet f{s.pool, s.around, s.who};
            co_await f.ramp(0);
            begin(script, s);
            co_await s.wait(5s);
            const auto stop = s.around.clock.to_wall(std::chrono::steady_clock::now());
            co_await s.end(f);
            CHECK(s.counts.total(counter::metrics_missed) >= 4 * 7);
            for (const auto& a : f.agents()) {
                CHECK(a.account_of().until >= stop - 1s);
            }
        });
    }
}

TEST_CASE("what was due before a last visit that fails is missed") {
    test::fleet_stage s{2};
    auto script = cut_at({{1s, 1h, 1, agent::cut::close}});
    s.around.played = &script;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(3s);
        co_await s.close();
        s.pace.stop();
        co_await f.drain();
        CHECK(s.counts.total(counter::metrics_missed) >= 2 * 3);
        s.reopen();
    });
}

TEST_CASE("an incident strikes agents with a wrong clock when the script says") {
    std::vector<agent::group> groups(2);
    groups[0].share = groups[1].share = 0.5;
    groups[0].clock_skew = 90s;
    groups[1].clock_skew = -90s;
    test::fleet_stage s{8};
    s.kinds = agent::mix{groups};
    agent::script script{1, agent::hardships{1, {}}, {{1s, 2s, model::incident_kind::silent, 1}}};
    s.around.played = &script;
    s.around.interval = 100ms;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(1500ms);
        const auto before = s.counts.total(counter::metrics_sent);
        co_await s.wait(1s);
        const auto said = s.counts.total(counter::metrics_sent) - before;
        CHECK(said == 0);
        co_await s.end(f);
    });
}

TEST_CASE("batches wait out a silent time without a busy loop") {
    test::fleet_stage s{1};
    agent::hardship_plan plan;
    plan.outages.push_back({500ms, 1s, 1, agent::cut::close});
    agent::script script{
        1, agent::hardships{1, plan}, {{1200ms, 6s, model::incident_kind::silent, 1}}
    };
    s.around.played = &script;
    s.around.coming_back = agent::reconnect::storm;
    s.around.kept = agent::backlog::batch;
    s.around.interval = 100ms;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(2500ms);
        const auto before = cpu_seconds();
        co_await s.wait(2s);
        const auto used = cpu_seconds() - before;
        CHECK(used < 0.5);
        co_await s.end(f);
    });
}

TEST_CASE("an answer to a batch that comes late is timed, too") {
    test::fleet_stage s{3};
    auto script = cut_at({{500ms, 2s, 1, agent::cut::close}});
    s.around.played = &script;
    s.around.coming_back = agent::reconnect::storm;
    s.around.kept = agent::backlog::batch;
    s.around.interval = 100ms;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(2200ms);
        // Somebody else holds the database for a moment.
        {
            auto db = server::database::open_for_writing(s.database()).value();
            CHECK(db.execute("BEGIN IMMEDIATE").has_value());
            co_await s.wait(1200ms);
            CHECK(db.execute("COMMIT").has_value());
        }
        co_await s.wait(2500ms);
        co_await s.end(f);
        CHECK(s.counts.total(counter::batch_sent) == 3);
        CHECK(s.counts.total(counter::batch_accepted) >= 3 * 18);
        CHECK(s.counts.take()[stats::latency::batch_ack].count() == 3);
        test::check_stored(s, f);
    });
}

TEST_CASE("batches that were not sent before the next break are sent after it") {
    test::fleet_stage s{1};
    auto script =
        cut_at({{500ms, 4s, 1, agent::cut::close}, {4800ms, 500ms, 1, agent::cut::close}});
    s.around.played = &script;
    s.around.coming_back = agent::reconnect::storm;
    s.around.kept = agent::backlog::batch;
    s.around.interval = 10ms;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(8s);
        co_await s.end(f);
        CHECK(
            s.counts.total(counter::batch_accepted) * 10 >=
            s.counts.total(counter::metrics_missed) * 9
        );
    });
}

TEST_CASE("an agent at full speed obeys an update command") {
    test::fleet_stage s{1};
    s.around.interval = 0ms;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(500ms);
        co_await s.http("POST", "/api/servers/" + s.who[0].id + "/update");
        const auto is_away = [&] { return f.figures().online == 0; };
        co_await s.until(is_away, 60s);
        CHECK(s.counts.total(counter::commands_received) == 1);
        co_await s.end(f);
    });
}

TEST_CASE("who has no store sends no aggregates, and no history") {
    std::vector<agent::group> groups(1);
    groups[0].has_store = false;
    test::fleet_stage s{2};
    s.kinds = agent::mix{groups};
    s.around.history = 10min;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await s.server().flush();
        CHECK(s.counts.total(counter::history_sent) == 0);
        CHECK(test::stored_rows(s.database()).empty());
        s.pace.stop();
    });
}

TEST_CASE("a comeback walks from a milestone, and makes good what was lost before the break") {
    test::fleet_stage s{4};
    s.around.history = 2h;
    s.around.agg_interval = 6s;
    auto script = cut_at({{13s, 1s, 1, agent::cut::close}});
    s.around.played = &script;
    s.around.coming_back = agent::reconnect::storm;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        begin(script, s);
        co_await s.wait(12s);
        auto db = server::database::open_for_writing(s.database()).value();
        co_await s.wait(1500ms);
        // what was stored in the last second is lost
        const auto since = std::to_string(
            util::unix_seconds(s.around.clock.to_wall(std::chrono::steady_clock::now()) - 3s) / 5
        );
        CHECK(db.execute("DELETE FROM metrics_5sec WHERE bucket >= " + since).has_value());
        CHECK(db.execute("DELETE FROM ping_5sec WHERE bucket >= " + since).has_value());
        co_await s.wait(3s);
        co_await s.end(f);
        test::check_stored(s, f);
    });
}
