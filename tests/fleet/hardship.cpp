// What a script does to a small fleet, and what the server has in the end all the same.

#include "fleet/fleet.hpp"
#include "fleet/stage.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;

namespace {

agent::script outage(util::nanoseconds at, util::nanoseconds length, agent::cut how) {
    agent::hardship_plan plan;
    plan.outages.push_back({at, length, 1, how});
    return {1, agent::hardships{1, plan}, {}};
}

// Ramp, the script, its end.
net::task<>
play(test::fleet_stage& s, fleet::fleet& f, agent::script& script, util::nanoseconds d) {
    co_await f.ramp(0);
    script.begin(s.around.clock.to_wall(std::chrono::steady_clock::now()) + agent::script::lead);
    co_await s.wait(d);
    co_await s.end(f);
}

std::size_t rows_of(const test::fleet_stage& s, const std::string& what) {
    auto db = server::database::open_read_only(s.database()).value();
    auto found = db.prepare("SELECT COUNT(*) FROM " + what).value();
    REQUIRE(found.next());
    return static_cast<std::size_t>(found.integer(0));
}

} // namespace

TEST_CASE("agents that an outage cuts off come back at its end as a storm, and nothing is lost") {
    for (const auto how : {agent::cut::close, agent::cut::half_open}) {
        CAPTURE(how);
        test::fleet_stage s{20};
        auto script = outage(1s, 2s, how);
        s.around.played = &script;
        s.around.coming_back = agent::reconnect::storm;
        s.run([&]() -> net::task<> {
            fleet::fleet f{s.pool, s.around, s.who};
            co_await play(s, f, script, 5s);
            CHECK(s.counts.total(counter::agents_cut) == 20);
            CHECK(s.counts.total(counter::reconnects) == 20);
            CHECK(s.counts.total(counter::agents_disconnected) == 0);
            CHECK(s.counts.total(counter::metrics_missed) >= 20 * 3);
            CHECK(s.counts.error_total() == 0);
            CHECK(f.figures().goodbyes == 20);
            test::check_stored(s, f);
        });
    }
}

TEST_CASE("a silent outage keeps the connection, and the aggregates have what was not said") {
    test::fleet_stage s{10};
    auto script = outage(1s, 2s, agent::cut::silent);
    s.around.played = &script;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await play(s, f, script, 4s);
        CHECK(s.counts.total(counter::agents_cut) == 10);
        CHECK(s.counts.total(counter::reconnects) == 0);
        CHECK(s.counts.total(counter::metrics_missed) >= 10 * 2);
        CHECK(s.counts.total(counter::metrics_sent) >= 10 * 2);
        test::check_stored(s, f);
    });
}

TEST_CASE("an agent that is away when the run ends comes once more for its last aggregates") {
    test::fleet_stage s{10};
    auto script = outage(500ms, 1h, agent::cut::close);
    s.around.played = &script;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await play(s, f, script, 2s);
        CHECK(f.figures().goodbyes == 10);
        CHECK(s.counts.error_total() == 0);
        test::check_stored(s, f);
    });
}

TEST_CASE("who comes back with batches sends every sample it missed, and the server says so") {
    test::fleet_stage s{5};
    auto script = outage(1s, 2s, agent::cut::close);
    s.around.played = &script;
    s.around.coming_back = agent::reconnect::storm;
    s.around.kept = agent::backlog::batch;
    s.around.interval = 100ms;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await play(s, f, script, 6s);
        const auto accepted = s.counts.total(counter::batch_accepted);
        CHECK(s.counts.total(counter::batch_sent) == 5);
        CHECK(accepted >= 5 * 19);
        CHECK(accepted <= 5 * 22);
        CHECK(s.counts.total(counter::batch_rejected) == 0);
        CHECK(s.counts.take()[stats::latency::batch_ack].count() == 5);
        test::check_stored(s, f);
    });
}

TEST_CASE("a change of the server's ping targets takes effect at once, to its rows") {
    test::fleet_stage s{10};
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(1500ms);
        CHECK(rows_of(s, "ping_5sec WHERE target_name = 'Cloudflare'") > 0);
        const std::string wanted = R"({"ping_targets":[{"name":"Web","host":"example.test",)"
                                   R"("type":"tcp","port":443}]})";
        co_await s.http("PUT", "/api/settings/probe", wanted);
        const auto all_heard = [&] { return s.counts.total(counter::configs_received) == 10; };
        co_await s.until(all_heard, 5s);
        co_await s.wait(2s);
        co_await s.end(f);
        CHECK(
            rows_of(s, "ping_5sec WHERE target_name = 'Web' AND target_host = 'example.test'") >= 10
        );
        CHECK(rows_of(s, "ping_daily_agg WHERE target_name = 'Web'") == 10);
        CHECK(rows_of(s, "ping_daily_agg WHERE target_name = 'Cloudflare'") == 10);
        test::check_stored(s, f);
    });
}

TEST_CASE("targets that the server names from the start are the only ones") {
    test::fleet_stage s{4};
    s.around.history = 10min;
    s.run([&]() -> net::task<> {
        const std::string wanted = R"({"ping_targets":[{"name":"A","host":"a.test"}]})";
        co_await s.http("PUT", "/api/settings/probe", wanted);
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        co_await s.wait(1s);
        co_await s.end(f);
        CHECK(rows_of(s, "ping_5sec WHERE target_name = 'A'") > 4 * 100);
        CHECK(rows_of(s, "ping_5sec WHERE target_name <> 'A'") == 0);
        test::check_stored(s, f);
    });
}

TEST_CASE("an update command is counted and makes the agent start anew") {
    test::fleet_stage s{2};
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(1s);
        co_await s.http("POST", "/api/servers/" + s.who[0].id + "/update");
        const auto is_back = [&] { return s.counts.total(counter::reconnects) == 1; };
        co_await s.until(is_back, 10s);
        co_await s.end(f);
        CHECK(s.counts.total(counter::commands_received) == 1);
        CHECK(s.counts.total(counter::agents_disconnected) == 0);
        CHECK(s.counts.error_total() == 0);
        test::check_stored(s, f);
    });
}

TEST_CASE("whoever shuffles, repeats, logs in twice or has a wrong clock: the rows are the same") {
    std::vector<agent::group> groups(5);
    for (auto& g : groups) {
        g.share = 0.2;
    }
    groups[0].shuffles = true;
    groups[1].repeats = true;
    groups[2].logs_in_twice = true;
    groups[3].clock_skew = -90s;
    groups[4].reads = false;
    test::fleet_stage s{40};
    s.kinds = agent::mix{groups};
    s.around.history = 20min;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        co_await s.wait(4s);
        co_await s.end(f);
        CHECK(s.counts.total(counter::double_logins) > 0);
        CHECK(s.counts.total(counter::agents_disconnected) == 0);
        CHECK(f.figures().goodbyes == 40);
        test::check_stored(s, f);
    });
}

TEST_CASE("without a store there are no aggregates, and samples are all that is stored") {
    std::vector<agent::group> groups(1);
    groups[0].has_store = false;
    groups[0].interval = 250ms;
    test::fleet_stage s{10};
    s.kinds = agent::mix{groups};
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(2s);
        co_await s.end(f);
        CHECK(s.counts.total(counter::aggregated_sent) == 0);
        CHECK(rows_of(s, "metrics_raw") == s.counts.total(counter::metrics_sent));
        CHECK(s.counts.total(counter::metrics_sent) >= 10 * 6);
        CHECK(rows_of(s, "metrics_daily_agg") == 0);
    });
}

TEST_CASE("an incident is in the stored history, when and as strong as the script says") {
    test::fleet_stage s{10};
    s.around.interval = 250ms;
    agent::script script{
        1,
        agent::hardships{1, {}},
        {{1s, 2s, model::incident_kind::cpu, 1}, {4s, 1s, model::incident_kind::silent, 1}}
    };
    s.around.played = &script;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await play(s, f, script, 6s);
        test::check_stored(s, f);
        const auto cpu = script.incidents()->incidents()[0];
        const auto silent = script.incidents()->incidents()[1];
        auto db = server::database::open_read_only(s.database()).value();
        auto raw = db.prepare("SELECT timestamp, cpu_usage FROM metrics_raw").value();
        std::size_t inside = 0, outside = 0, calm = 0;
        while (raw.next()) {
            const auto t = util::parse_rfc3339(raw.text(0)).value().at; // whole seconds
            const bool is_inside = t > cpu.start && t + 1s < cpu.end;
            const bool is_outside = t + 1s <= cpu.start || t >= cpu.end;
            inside += is_inside;
            outside += is_outside;
            if (is_inside) {
                CHECK(raw.real(1) >= 93);
            }
            calm += is_outside && raw.real(1) < 93; // some machines are that busy by nature
            CHECK(!(t > silent.start && t + 1s < silent.end));
        }
        CHECK(inside >= 10);
        CHECK(outside >= 10);
        CHECK(calm * 4 > outside * 3);
    });
}
