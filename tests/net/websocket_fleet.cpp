// offer, flush, poll and sleep_until: a connection served by one coroutine.

#include "net/group.hpp"
#include "net/ticker.hpp"
#include "net/websocket.hpp"
#include "net/yield.hpp"
#include "raw_server.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

using namespace vsim;
using namespace std::chrono_literals;
using namespace std::string_literals;
using std::chrono::steady_clock;
using test::close_body;
using test::gate;
using test::in;
using test::open;
using test::raw_connection;
using test::raw_server;
using test::server_frame;
using test::shortly;

namespace {

// Sleeps until something came, and returns it.
net::task<net::incoming> next(net::websocket& ws, net::ticker& clock) {
    for (;;) {
        const auto event = ws.poll();
        REQUIRE_MESSAGE(event.has_value(), event.error().message);
        if (*event) {
            co_return **event;
        }
        const auto limit = in(10s);
        const auto woken = co_await ws.sleep_until(clock, limit);
        REQUIRE(woken != net::wake::stopped);
        REQUIRE(steady_clock::now() < limit);
    }
}

} // namespace

TEST_CASE("what arrives ends a sleep, and poll takes it event by event") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            const auto first = co_await c.read_frame();
            CHECK(first.first == 0x81);
            CHECK(first.is_masked);
            CHECK(first.payload == "offered");
            const auto three =
                server_frame(0x81, "one") + server_frame(0x89, "now?") + server_frame(0x81, "two");
            co_await c.write(three);
            const auto pong = co_await c.read_frame();
            CHECK(pong.first == 0x8a);
            CHECK(pong.payload == "now?");
            co_await c.write(server_frame(0x88, close_body(1001)));
            const auto end = co_await c.read_frame();
            CHECK(end.first == 0x88);
        });
        auto ws = co_await open(server.endpoint());
        net::ticker clock{here, 1ms};
        const auto offered = ws.offer_text("offered");
        REQUIRE(offered.has_value());
        CHECK(*offered);
        CHECK_FALSE(ws.has_unsent());

        const auto one = co_await next(ws, clock);
        CHECK(one.what == net::incoming::kind::message);
        CHECK(one.payload == "one");
        const auto two = co_await next(ws, clock);
        CHECK(two.payload == "two");
        const auto closed = co_await next(ws, clock);
        CHECK(closed.what == net::incoming::kind::closed);
        CHECK(closed.close_code == 1001);
        const auto after = ws.poll();
        REQUIRE(after.has_error());
        CHECK(after.error().code == util::errc::closed);
        CHECK(ws.offer_text("too late").has_error());
        co_await server.finish();
    });
}

TEST_CASE("a ping goes out right behind its text, in one piece") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        const std::string sizes[]{"", "short", std::string(125, 'p')};
        const std::string texts[]{"", "offered", std::string(1650, 't'), std::string(300'000, 'l')};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            for (const auto& text : texts) {
                for (const auto& ping : sizes) {
                    const auto first = co_await c.read_frame();
                    CHECK(first.first == 0x81);
                    CHECK(first.payload == text);
                    const auto second = co_await c.read_frame();
                    CHECK(second.first == 0x89);
                    CHECK(second.is_masked);
                    CHECK(second.payload == ping);
                    CHECK(second.key != first.key);
                }
            }
        });
        auto ws = co_await open(server.endpoint());
        for (const auto& text : texts) {
            for (const auto& ping : sizes) {
                const auto offered = ws.offer_text(text, ping);
                REQUIRE(offered.has_value());
                const auto flushed = co_await ws.flush(shortly());
                CHECK(flushed.has_value());
            }
        }
        co_await server.finish();
    });
}

TEST_CASE("polling alone hears of what arrives") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate later{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await later.wait();
            co_await c.write(server_frame(0x89, "") + server_frame(0x81, "late"));
            const auto pong = co_await c.read_frame();
            CHECK(pong.first == 0x8a);
        });
        auto ws = co_await open(server.endpoint());
        CHECK_FALSE(ws.poll()->has_value()); // the socket is known to be empty
        later.open();
        const auto limit = in(10s);
        auto event = ws.poll();
        while (event && !*event && steady_clock::now() < limit) {
            co_await net::yield();
            event = ws.poll();
        }
        REQUIRE(event.has_value());
        REQUIRE(event->has_value());
        CHECK((*event)->payload == "late");
        co_await server.finish();
    });
}

TEST_CASE("with nothing to read a sleep ends when it is due, or at the stop") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate end{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await end.wait();
        });
        auto ws = co_await open(server.endpoint());
        net::ticker clock{here, 1ms};
        CHECK_FALSE(ws.poll()->has_value());
        for (int i = 0; i < 3; ++i) {
            const auto due = in(3ms);
            const auto woken = co_await ws.sleep_until(clock, due);
            CHECK(woken == net::wake::due);
            CHECK(steady_clock::now() >= due);
        }
        clock.stop();
        const auto woken = co_await ws.sleep_until(clock, in(1h));
        CHECK(woken == net::wake::stopped);
        end.open();
        co_await server.finish();
    });
}

TEST_CASE("an offer that the kernel does not take whole is kept, and flushed in order") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate asking{here}, reading{here};
        std::size_t sent = 0;
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await asking.wait();
            co_await c.write(server_frame(0x89, "still there?"));
            co_await reading.wait();
            for (std::size_t i = 0; i < sent; ++i) {
                const auto f = co_await c.read_frame();
                CHECK(f.first == 0x81);
                REQUIRE(f.payload.size() == 50'000);
                REQUIRE(
                    f.payload.find_first_not_of(static_cast<char>('a' + i % 26)) == f.payload.npos
                );
                const auto ping = co_await c.read_frame();
                CHECK(ping.first == 0x89);
                CHECK(ping.payload == std::to_string(i));
            }
            const auto pong = co_await c.read_frame();
            CHECK(pong.first == 0x8a);
            CHECK(pong.payload == "still there?");
        });
        auto ws = co_await open(server.endpoint());
        net::ticker clock{here, 1ms};
        for (bool taken = true; taken; ++sent) {
            REQUIRE(sent < 10'000);
            const auto offered = ws.offer_text(
                std::string(50'000, static_cast<char>('a' + sent % 26)), std::to_string(sent)
            );
            REQUIRE(offered.has_value());
            taken = *offered;
        }
        CHECK(ws.has_unsent());
        CHECK_FALSE(ws.poll()->has_value());
        asking.open();
        const auto woken = co_await ws.sleep_until(clock, in(10s)); // the ping
        CHECK(woken == net::wake::interrupted);
        CHECK_FALSE(ws.poll()->has_value()); // its answer queues up
        reading.open();
        const auto flushed = co_await ws.flush(shortly());
        CHECK(flushed.has_value());
        CHECK_FALSE(ws.has_unsent());
        co_await server.finish();
    });
}

TEST_CASE("a flush that nobody reads ends at its deadline, and the connection with it") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate end{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await end.wait();
        });
        auto ws = co_await open(server.endpoint());
        const auto offered = ws.offer_text(std::string(32'000'000, 'm'));
        REQUIRE(offered.has_value());
        CHECK_FALSE(*offered);
        const auto flushed = co_await ws.flush(in(30ms));
        REQUIRE(flushed.has_error());
        CHECK(flushed.error().code == util::errc::timeout);
        const auto again = ws.offer_text("more");
        REQUIRE(again.has_error());
        CHECK(again.error().code == util::errc::closed);
        end.open();
        co_await server.finish();
    });
}

TEST_CASE("a connection that breaks ends a sleep, one that is dropped leaves nothing behind") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            c.reset();
        });
        net::ticker clock{here, 1ms};
        {
            auto ws = co_await open(server.endpoint());
            auto event = ws.poll();
            while (event) {
                co_await ws.sleep_until(clock, in(1h));
                event = ws.poll();
            }
            CHECK(event.error().code == util::errc::closed);
        }
        std::string rest = "nothing yet";
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            rest = co_await c.read_rest();
        });
        {
            auto ws = co_await open(server.endpoint());
            CHECK_FALSE(ws.poll()->has_value());
            co_await ws.sleep_until(clock, in(2ms)); // its wait for the server goes on
        }
        co_await server.finish();
        CHECK(rest.empty()); // the server saw the end
    });
}

TEST_CASE("who yields goes on after those who were waiting") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::group tasks{here};
        std::string log;
        auto twice = [](std::string& to, char c) -> net::task<> {
            to += c;
            co_await net::yield();
            to += c;
        };
        tasks.spawn(twice(log, 'a'));
        tasks.spawn(twice(log, 'b'));
        co_await tasks.drain();
        CHECK(log == "abab");
    });
}

TEST_CASE("who reads from somebody that sends without end lets others have their turn") {
    constexpr std::size_t messages = 16'000;
    constexpr std::size_t size = 2000;
    net::listener_handlers handlers;
    handlers.is_websocket = [](std::string_view) { return true; };
    handlers.on_websocket = [](std::shared_ptr<net::peer> p) -> net::task<> {
        const std::string text(size, 't');
        for (std::size_t i = 0; i < messages; ++i) {
            const auto sent = co_await p->send_text(text);
            if (!sent) {
                co_return;
            }
        }
        co_await p->close();
    };
    test::loopback server{std::move(handlers)};
    struct progress {
        std::size_t received = 0, at_last_turn = 0, longest = 0;
        bool is_over = false;
    };
    auto others = [](progress& p) -> net::task<> {
        while (!p.is_over) {
            p.longest = std::max(p.longest, p.received - p.at_last_turn);
            p.at_last_turn = p.received;
            co_await net::yield();
        }
    };
    test::run_coro(
        [&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            net::group tasks{here};
            progress p;
            tasks.spawn(others(p));
            auto ws = co_await open(server.endpoint());
            while (p.received < messages) {
                const auto got = co_await ws.receive(in(60s));
                REQUIRE(got.has_value());
                ++p.received;
            }
            p.is_over = true;
            co_await tasks.drain();
            const auto closed = co_await ws.receive(in(60s));
            CHECK(closed.has_value());
            co_await server.stop();
            // 16 full buffers of 64 KiB, and what came before and after them.
            CHECK(p.longest < 20 * 64 * 1024 / size);
        },
        90s
    );
}
