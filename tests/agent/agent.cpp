#include "agent/agent.hpp"

#include "net/group.hpp"
#include "net/raw_server.hpp"
#include "proto/decode.hpp"
#include "server/fixture.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;

namespace {

// One agent against a reference server, its clocks and its counters.
struct stage {
    explicit stage(net::asio::any_io_executor here) : pace{here}, after{here} {
        around.interval = 50ms;
        around.agg_interval = 200ms;
        around.history = 10min;
        around.server = server.endpoint();
        around.clock = util::clock_anchor::now();
        around.kinds = &kinds;
        around.counts = &counts;
        around.online = &online;
        around.pace = &pace;
        around.after = &after;
    }

    net::task<agent::identity> enrol() {
        const auto made = co_await server.http("POST", "/api/agent/register", R"({"name":"one"})");
        const auto reply = proto::decode<proto::register_reply>(made.body).value();
        co_return agent::identity{3, "one", reply.id, reply.token};
    }

    test::running server;
    stats::recorder counts{1};
    agent::census online{1};
    agent::mix kinds;
    net::ticker pace, after;
    agent::surroundings around;
};

net::task<> stop_when(stage& s, counter c, std::uint64_t n) {
    while (s.counts.total(c) < n) {
        co_await s.after.sleep_until(std::chrono::steady_clock::now() + 10ms);
    }
    s.pace.stop();
}

} // namespace

TEST_CASE("history, then life, then a goodbye: the server has seen all that was sent") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            stage s{here};
            const auto who = co_await s.enrol();
            agent::agent a{s.around, who, s.around.clock.wall};
            co_await a.send_history();
            CHECK(s.counts.total(counter::history_agents_done) == 1);

            net::group tasks{here};
            int first_attempts = 0;
            auto life = a.live([&] { ++first_attempts; });
            tasks.spawn(std::move(life));
            co_await stop_when(s, counter::metrics_sent, 10);
            co_await tasks.drain();
            CHECK(first_attempts == 1);

            const auto seen = s.server->current();
            CHECK(seen.auth_ok == 2);
            CHECK(seen.metrics == s.counts.total(counter::metrics_sent));
            CHECK(
                seen.aggregated ==
                s.counts.total(counter::aggregated_sent) + s.counts.total(counter::history_sent)
            );
            CHECK(s.counts.total(counter::aggregated_sent) >= 2); // on the way, and the last
            CHECK(seen.undecodable == 0);
            CHECK(s.counts.error_total() == 0);
            CHECK(s.counts.total(counter::agents_disconnected) == 0);
            CHECK(s.online.now().peak == 1);
            CHECK(s.online.now().online == 0);
        },
        30s
    );
}

TEST_CASE("without an interval an agent sends as fast as the socket takes, and no aggregates") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            stage s{here};
            s.around.interval = 0ms;
            const auto who = co_await s.enrol();
            agent::agent a{s.around, who, s.around.clock.wall};
            net::group tasks{here};
            auto life = a.live([] {});
            tasks.spawn(std::move(life));
            co_await stop_when(s, counter::metrics_sent, 1000);
            co_await tasks.drain();
            const auto seen = s.server->current();
            CHECK(seen.metrics == s.counts.total(counter::metrics_sent));
            CHECK(seen.aggregated == 0);
            CHECK(s.counts.total(counter::metrics_missed) == 0);
            CHECK(s.counts.take()[stats::latency::send_lag].count() == 0);
            CHECK(s.counts.error_total() == 0);
            CHECK(s.online.now().goodbyes == 1);
        },
        30s
    );
}

TEST_CASE("agents of one tick take turns together, and few ticks still make many turns") {
    const agent::mix kinds;
    agent::surroundings around;
    around.kinds = &kinds;
    const auto turns_of = [&](util::milliseconds interval) {
        around.interval = interval;
        std::map<std::int64_t, std::set<std::size_t>> by_tick;
        std::set<std::size_t> all;
        for (std::uint32_t i = 0; i < 4000; ++i) {
            const agent::agent a{around, {i, "n", "id", "token"}, {}};
            by_tick[model::schedule{around.seed, i, interval}.phase() / around.tick].insert(a.turn()
            );
            all.insert(a.turn());
        }
        std::size_t most = 0;
        for (const auto& [tick, turns] : by_tick) {
            most = std::max(most, turns.size());
        }
        return std::pair{all.size(), most};
    };
    const auto [many, together] = turns_of(3s);
    CHECK(many > 500); // of 600 ticks
    CHECK(together == 1);
    CHECK(turns_of(10ms).first == 64);
    CHECK(turns_of(10ms).second == 32);
    CHECK(turns_of(12ms).first >= 64); // a third tick, of two milliseconds
}

TEST_CASE("an agent whose server does not read delays nobody") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            stage s{here};
            const auto who = co_await s.enrol();
            agent::agent quick{s.around, who, s.around.clock.wall};

            // Lets one agent in and never reads again: its socket is full after some messages.
            test::raw_server deaf{here};
            test::gate end{here};
            deaf.serve([&](test::raw_connection& c) -> net::task<> {
                co_await c.upgrade();
                co_await c.read_frame();
                co_await c.write(test::server_frame(0x81, R"({"type":"auth","status":"ok"})"));
                co_await end.wait();
            });
            stats::recorder of_blocked{1};
            auto beside = s.around;
            beside.interval = 0ms;
            beside.server = deaf.endpoint();
            beside.counts = &of_blocked;
            agent::agent blocked{beside, {1, "two", "id", "token"}, s.around.clock.wall};

            net::group tasks{here};
            auto one = blocked.live([] {});
            tasks.spawn(std::move(one));
            std::uint64_t sent = 0;
            do { // until it is stuck
                sent = of_blocked.total(counter::metrics_sent);
                co_await s.after.sleep_until(std::chrono::steady_clock::now() + 300ms);
            } while (sent == 0 || sent != of_blocked.total(counter::metrics_sent));
            auto other = quick.live([] {});
            tasks.spawn(std::move(other));
            co_await stop_when(s, counter::metrics_sent, 10);
            CHECK(of_blocked.total(counter::metrics_sent) == sent);
            CHECK(s.counts.total(counter::metrics_missed) == 0);
            end.open(); // which closes its connection
            co_await tasks.drain();
            co_await deaf.finish();
            CHECK(of_blocked.total(counter::agents_disconnected) == 1);
            CHECK(s.counts.total(counter::agents_disconnected) == 0);
        },
        60s
    );
}

TEST_CASE("a refused agent says so once and its history counts as failed") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            stage s{here};
            auto who = co_await s.enrol();
            who.token = "another";
            agent::agent a{s.around, who, s.around.clock.wall};
            co_await a.send_history();
            CHECK(s.counts.total(counter::history_agents_failed) == 1);
            const auto errors = s.counts.take().errors;
            REQUIRE(errors.contains("auth.refused"));
            CHECK(errors.at("auth.refused").count == 1);
            CHECK(errors.at("auth.refused").example == "one: auth refused: Invalid token");
            s.pace.stop();
        },
        30s
    );
}

TEST_CASE("a soft stop ends an agent that cannot connect, without an error for the stop") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            stage s{here};
            s.around.server.url.port = 1; // nobody listens there
            agent::agent a{s.around, {0, "one", "id", "token"}, s.around.clock.wall};
            net::group tasks{here};
            int first_attempts = 0;
            auto life = a.live([&] { ++first_attempts; });
            tasks.spawn(std::move(life));
            while (first_attempts == 0) {
                co_await s.after.sleep_until(std::chrono::steady_clock::now() + 5ms);
            }
            s.pace.stop();
            co_await tasks.drain();
            CHECK(s.counts.error_total() == 1);
            CHECK(s.counts.take().errors.contains("connect.unreachable"));
            CHECK(s.online.now().ever == 0);
        },
        30s
    );
}
