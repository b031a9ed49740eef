#include "net/websocket.hpp"

#include "raw_server.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <set>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using namespace std::string_literals;
using kind = net::incoming::kind;
using test::close_body;
using test::in;
using test::open;
using test::raw_connection;
using test::raw_server;
using test::server_frame;
using test::shortly;

namespace {

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + i % 23);
    }
    return text;
}

net::task<> expect_message(net::websocket& ws, std::string text) {
    const auto got = co_await ws.receive(shortly());
    REQUIRE_MESSAGE(got.has_value(), got.error().message);
    CHECK(got->what == kind::message);
    CHECK(got->payload == text);
}

net::task<> expect_end(net::websocket& ws, util::errc code) {
    const auto got = co_await ws.receive(shortly());
    REQUIRE(got.has_error());
    CHECK(got.error().code == code);
}

net::task<> expect_pong(raw_connection& c, std::string payload) {
    const auto f = co_await c.read_frame();
    CHECK(f.first == 0x8a);
    CHECK(f.is_masked);
    CHECK(f.payload == payload);
}

net::task<> expect_close(raw_connection& c, std::string payload) {
    const auto f = co_await c.read_frame();
    CHECK(f.first == 0x88);
    CHECK(f.is_masked);
    CHECK(f.payload == payload);
}

} // namespace

TEST_CASE("a client masks every frame with a key of its own, at every length") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        std::set<std::string> keys;
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            for (std::size_t size = 0; size <= 300; ++size) {
                const auto f = co_await c.read_frame();
                CHECK(f.first == 0x81);
                CHECK(f.is_masked);
                CHECK(f.payload == pattern(size));
                keys.insert(f.key);
            }
        });
        auto ws = co_await open(server.endpoint(), "/");
        for (std::size_t size = 0; size <= 300; ++size) {
            const auto sent = co_await ws.send_text(pattern(size), true, shortly());
            CHECK(sent.has_value());
        }
        co_await server.finish();
        CHECK(keys.size() > 295);
    });
}

TEST_CASE("a message sent in parts goes out as fragments, a ping between them as it is") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        std::vector<std::pair<unsigned, std::string>> seen;
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            for (int i = 0; i < 5; ++i) {
                const auto f = co_await c.read_frame();
                seen.emplace_back(f.first, f.payload);
            }
        });
        auto ws = co_await open(server.endpoint(), "/");
        co_await ws.send_text("one", false, shortly());
        co_await ws.send_ping("hi", shortly());
        co_await ws.send_text("two", false, shortly());
        co_await ws.send_text("", true, shortly());
        co_await ws.send_text("next", true, shortly());
        co_await server.finish();
        const std::vector<std::pair<unsigned, std::string>> expected{
            {0x01, "one"}, {0x89, "hi"}, {0x00, "two"}, {0x80, ""}, {0x81, "next"}
        };
        CHECK(seen == expected);
    });
}

TEST_CASE("what a server sends byte by byte is read whole, also what came with its 101") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade(server_frame(0x81, "early") + server_frame(0x01, "o"));
            co_await c.write_bytewise(
                server_frame(0x89, "mid") + server_frame(0x80, "ne") +
                server_frame(0x82, pattern(200)) + server_frame(0x8a, "pong")
            );
            co_await expect_pong(c, "mid");
            co_await c.write_bytewise(server_frame(0x88, close_body(1001, "bye")));
            co_await expect_close(c, close_body(1001));
        });
        auto ws = co_await open(server.endpoint(), "/");
        co_await expect_message(ws, "early");
        co_await expect_message(ws, "one");
        co_await expect_message(ws, pattern(200));
        const auto pong = co_await ws.receive(shortly());
        REQUIRE(pong.has_value());
        CHECK(pong->what == kind::pong);
        CHECK(pong->payload == "pong");
        const auto end = co_await ws.receive(shortly());
        REQUIRE(end.has_value());
        CHECK(end->what == kind::closed);
        CHECK(end->close_code == 1001);
        CHECK(end->payload == "bye");
        co_await expect_end(ws, util::errc::closed);
        const auto late = co_await ws.send_text("late", true, shortly());
        CHECK(late.has_error());
        co_await server.finish();
    });
}

TEST_CASE("a ping cut by a receive that timed out is still answered whole") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            const auto ping = server_frame(0x89, "payload");
            co_await c.write(ping.substr(0, 5));
            const auto go_on = co_await c.read_frame();
            CHECK(go_on.payload == "go on");
            co_await c.write(ping.substr(5) + server_frame(0x81, "done"));
            co_await expect_pong(c, "payload");
        });
        auto ws = co_await open(server.endpoint(), "/");
        const auto nothing = co_await ws.receive(in(50ms));
        REQUIRE(nothing.has_error());
        CHECK(nothing.error().code == util::errc::timeout);
        co_await ws.send_text("go on", true, shortly());
        co_await expect_message(ws, "done");
        co_await server.finish();
    });
}

TEST_CASE("a connection that ends without a close frame is a closed error, mid message or not") {
    for (const auto& bytes : {""s, server_frame(0x01, "part"), "\x81\x05hel"s, "\x81"s}) {
        for (const bool by_reset : {false, true}) {
            test::run_coro([&]() -> net::task<> {
                const auto here = co_await net::asio::this_coro::executor;
                raw_server server{here};
                server.serve([&](raw_connection& c) -> net::task<> {
                    co_await c.upgrade();
                    co_await c.write(bytes);
                    if (by_reset) {
                        c.reset();
                    }
                });
                auto ws = co_await open(server.endpoint(), "/");
                co_await expect_end(ws, util::errc::closed);
                co_await expect_end(ws, util::errc::closed);
                co_await server.finish();
            });
        }
    }
}

TEST_CASE("close sends its code, reads on to the server's answer and leaves the first FIN to it") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        bool server_closed_first = false;
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await expect_close(c, close_body(1001));
            // Data on its way is read over.
            co_await c.write(server_frame(0x81, "late") + server_frame(0x88, close_body(1001)));
            net::asio::steady_timer pause{c.socket().get_executor(), in(20ms)};
            co_await pause.async_wait(net::asio::use_awaitable);
            server_closed_first = true;
            c.close();
        });
        auto ws = co_await open(server.endpoint(), "/");
        co_await ws.close(1001, shortly());
        CHECK(server_closed_first);
        co_await expect_end(ws, util::errc::closed);
        co_await server.finish();
    });
}

TEST_CASE("close gives up at its deadline when the server does not answer") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await expect_close(c, close_body(1000));
            const auto rest = co_await c.read_rest(); // until the client drops it
            CHECK(rest.empty());
        });
        auto ws = co_await open(server.endpoint(), "/");
        const auto start = std::chrono::steady_clock::now();
        co_await ws.close(1000, in(60ms));
        const auto took = std::chrono::steady_clock::now() - start;
        CHECK(took >= 60ms);
        CHECK(took < 5s);
        co_await server.finish();
    });
}

TEST_CASE("a receive under way sees the answer to a close") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await expect_close(c, close_body(1000));
            co_await c.write(server_frame(0x88, close_body(1000)));
        });
        auto ws = co_await open(server.endpoint(), "/");
        net::group others{here};
        bool seen = false;
        auto reader = [](net::websocket& w, bool& closed) -> net::task<> {
            const auto got = co_await w.receive(shortly());
            closed = got.has_value() && got->what == kind::closed && got->close_code == 1000;
        };
        others.spawn(reader(ws, seen));
        co_await net::asio::post(here, net::asio::use_awaitable);
        co_await ws.close(1000, shortly());
        co_await others.drain();
        CHECK(seen);
        co_await server.finish();
    });
}
