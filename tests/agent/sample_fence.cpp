#include "agent/sample_fence.hpp"

#include "agent/agent.hpp"
#include "net/group.hpp"
#include "net/raw_server.hpp"
#include "proto/decode.hpp"
#include "server/fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

namespace {

// One agent, its clocks and its counters; whose server is up to the test.
struct stage {
    explicit stage(net::asio::any_io_executor here) : pace{here}, after{here} {
        around.interval = 50ms;
        around.agg_interval = 1h;
        around.clock = util::clock_anchor::now();
        around.kinds = &kinds;
        around.counts = &counts;
        around.online = &online;
        around.pace = &pace;
        around.after = &after;
    }

    // Lives until so many samples are sent, and says goodbye.
    net::task<> live_until(agent::agent& a, std::uint64_t samples) {
        const auto here = co_await net::asio::this_coro::executor;
        net::group tasks{here};
        auto life = a.live([] {});
        tasks.spawn(std::move(life));
        const auto limit = test::in(60s);
        while (counts.total(counter::metrics_sent) < samples &&
               std::chrono::steady_clock::now() < limit) {
            co_await after.sleep_until(test::in(10ms));
        }
        pace.stop();
        co_await tasks.drain();
    }

    stats::recorder counts{1};
    agent::census online{1};
    agent::mix kinds;
    net::ticker pace, after;
    agent::surroundings around;
};

// What a server makes of a ping: its answers, one after the other.
using reaction = std::function<std::string(const std::string& ping)>;

// Lets one agent in and answers its pings so until it says goodbye.
net::task<> react(test::raw_connection& c, reaction to_ping) {
    co_await c.upgrade();
    co_await c.read_frame();
    co_await c.write(test::server_frame(0x81, R"({"type":"auth","status":"ok"})"));
    for (;;) {
        const auto f = co_await c.read_frame();
        if (f.first == 0x88) {
            co_await c.write(test::server_frame(0x88, f.payload));
            co_return;
        }
        if (f.first == 0x89) {
            const auto answer = to_ping(f.payload);
            co_await c.write(answer);
        }
    }
}

std::string pong(std::string_view payload) {
    return test::server_frame(0x8a, payload);
}

std::string pong(const agent::sample_fence& f) {
    const auto payload = agent::pack(f);
    return pong(std::string_view{payload.data(), payload.size()});
}

} // namespace

TEST_CASE("a fence comes back as it went, and no other payload is taken for one") {
    const agent::sample_fence f{
        util::from_unix_seconds(1'795'492'055) + 7ms, util::from_unix_seconds(1'795'492'055) + 9ns
    };
    const auto payload = agent::pack(f);
    CHECK(agent::unpack_fence({payload.data(), payload.size()}) == f);
    CHECK_FALSE(agent::unpack_fence("").has_value());      // the ping of every 30 s
    CHECK_FALSE(agent::unpack_fence("fence").has_value()); // that of a goodbye
    CHECK_FALSE(agent::unpack_fence({payload.data(), payload.size() - 1}).has_value());
    CHECK_FALSE(agent::unpack_fence(std::string(125, 'x')).has_value());
}

TEST_CASE("every sample has its fence, answered and timed from the schedule and from the send") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            test::running server;
            stage s{here};
            s.around.server = server.endpoint();
            const auto made =
                co_await server.http("POST", "/api/agent/register", R"({"name":"one"})");
            const auto reply = proto::decode<proto::register_reply>(made.body).value();
            const agent::identity who{3, "one", reply.id, reply.token};
            agent::agent a{s.around, who, s.around.clock.wall};
            co_await s.live_until(a, 10);
            const auto seen = s.counts.take();
            const auto sent = seen[counter::metrics_sent];
            CHECK(seen[counter::fences_sent] == sent);
            CHECK(seen[counter::fences_answered] == sent); // those under way at the stop, too
            CHECK(seen[latency::fence].count() == sent);
            CHECK(seen[latency::fence_uncorrected].count() == sent);
            CHECK(seen[latency::fence].max() >= seen[latency::fence_uncorrected].max());
            CHECK(seen[latency::fence].max() < 60s);
            CHECK(seen.error_total() == 0);
        },
        90s
    );
}

TEST_CASE("who does not read, has no schedule or is told so sends no fence") {
    struct way {
        bool has_fences, reads;
        util::milliseconds interval;
    };
    for (const auto& w : {way{false, true, 50ms}, way{true, false, 50ms}, way{true, true, 0ms}}) {
        CAPTURE(w.has_fences);
        CAPTURE(w.reads);
        test::run_coro(
            [&]() -> net::task<> {
                const auto here = co_await net::asio::this_coro::executor;
                stage s{here};
                s.kinds = agent::mix{{}, {agent::group{.reads = w.reads}}};
                s.around.has_fences = w.has_fences;
                s.around.interval = w.interval;
                test::raw_server server{here};
                std::string pings;
                server.serve([&](test::raw_connection& c) -> net::task<> {
                    const reaction note = [&](const std::string& ping) {
                        pings += "[" + ping + "]";
                        return pong(ping);
                    };
                    co_await react(c, note);
                });
                s.around.server = server.endpoint();
                agent::agent a{s.around, {3, "one", "id", "token"}, s.around.clock.wall};
                co_await s.live_until(a, 5);
                co_await server.finish();
                CHECK(pings.find("[fence]") != std::string::npos);
                CHECK(pings.find_first_not_of("[fence]") == std::string::npos);
                CHECK(s.counts.total(counter::fences_sent) == 0);
                CHECK(s.counts.take()[latency::fence].count() == 0);
            },
            90s
        );
    }
}

TEST_CASE("pongs that nobody asked for, or twice, become no figure") {
    const auto long_ago = util::from_unix_seconds(1'000'000'000);
    const auto far_away = util::from_unix_seconds(7'000'000'000);
    struct lie {
        const char* name;
        reaction answer;
        bool is_honest_too; // besides the lie there is the right answer
        bool is_error;
    };
    const auto changed = [](const std::string& ping, auto change) {
        auto f = agent::unpack_fence(ping);
        if (!f) {
            return pong(ping);
        }
        change(*f);
        return pong(*f);
    };
    const lie lies[]{
        {"twice", [](const std::string& p) { return pong(p) + pong(p); }, true, false},
        {"other lengths",
         [](const std::string& p) { return pong("") + pong(std::string(125, 'x')) + pong(p); },
         true,
         false},
        {"older than the connection",
         [=](const std::string& p) { return pong({long_ago, long_ago}) + pong(p); },
         true,
         false},
        {"the beginning of time",
         [](const std::string& p) {
             return pong({util::wall_time::min(), util::wall_time::max()}) + pong(p);
         },
         true,
         false},
        {"a sample of the future",
         [=](const std::string& p) { return changed(p, [&](auto& f) { f.scheduled = far_away; }); },
         false,
         true},
        {"sent in the future",
         [=](const std::string& p) { return changed(p, [&](auto& f) { f.sent = far_away; }); },
         false,
         true},
        {"sent before it was due",
         [=](const std::string& p) { return changed(p, [&](auto& f) { f.sent = long_ago; }); },
         false,
         true},
        {"not of the schedule",
         [=](const std::string& p) { return changed(p, [](auto& f) { f.scheduled -= 1ns; }); },
         false,
         true},
    };
    for (const auto& l : lies) {
        CAPTURE(l.name);
        test::run_coro(
            [&]() -> net::task<> {
                const auto here = co_await net::asio::this_coro::executor;
                stage s{here};
                test::raw_server server{here};
                server.serve([&](test::raw_connection& c) -> net::task<> {
                    co_await react(c, l.answer);
                });
                s.around.server = server.endpoint();
                agent::agent a{s.around, {3, "one", "id", "token"}, s.around.clock.wall};
                co_await s.live_until(a, 4);
                co_await server.finish();
                const auto seen = s.counts.take();
                const auto expected = l.is_honest_too ? seen[counter::fences_sent] : 0;
                CHECK(seen[counter::fences_answered] == expected);
                CHECK(seen[latency::fence].count() == expected);
                CHECK(seen[latency::fence].max() < 60s);
                CHECK(seen.errors.contains("fence.foreign") == l.is_error);
                CHECK(seen[counter::agents_disconnected] == 0);
            },
            90s
        );
    }
}
