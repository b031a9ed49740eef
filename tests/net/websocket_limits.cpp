// Deadlines, cancellation and slow peers of a client WebSocket.

#include "net/websocket.hpp"
#include "raw_server.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>

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

// What an operation that is cancelled while it waits comes to.
struct outcome {
    bool has_ended = false;
    std::string error;
};
net::task<> receive_into(net::websocket& ws, outcome& to) {
    const auto got = co_await ws.receive(util::steady_time::max());
    to.has_ended = true;
    to.error = got ? "none" : util::name(got.error().code);
}
net::task<> send_into(net::websocket& ws, const std::string& text, outcome& to) {
    const auto sent = co_await ws.send_text(text, true, util::steady_time::max());
    to.has_ended = true;
    to.error = sent ? "none" : util::name(sent.error().code);
}

// More than the kernel takes for a server that reads nothing.
const std::string& too_much() {
    static const std::string text(32'000'000, 'm');
    return text;
}

// Nobody reads the pongs: the reader waits to send one.
net::task<> flood(raw_connection& c, gate& end) {
    c.socket().set_option(net::asio::socket_base::receive_buffer_size{4096});
    co_await c.upgrade();
    std::string pings;
    for (int i = 0; i < 1000; ++i) {
        pings += server_frame(0x89, std::string(125, 'p'));
    }
    net::group writing{c.socket().get_executor()};
    auto write = [](raw_connection& to, std::string bytes) -> net::task<> {
        for (int i = 0; i < 200; ++i) {
            co_await to.write(bytes);
        }
    };
    writing.spawn(write(c, std::move(pings)));
    co_await end.wait();
    c.close();
    co_await writing.drain();
}

} // namespace

TEST_CASE("receive ends at its deadline and can be called again") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            const auto f = co_await c.read_frame();
            co_await c.write(server_frame(0x81, f.payload));
        });
        auto ws = co_await open(server.endpoint());
        for (int i = 0; i < 3; ++i) {
            const auto start = steady_clock::now();
            const auto got = co_await ws.receive(in(30ms));
            REQUIRE(got.has_error());
            CHECK(got.error().code == util::errc::timeout);
            CHECK(steady_clock::now() - start >= 30ms);
        }
        co_await ws.send_text("still here", true, shortly());
        const auto got = co_await ws.receive(shortly());
        REQUIRE(got.has_value());
        CHECK(got->payload == "still here");
        co_await server.finish();
    });
}

TEST_CASE("send ends at its deadline when the server reads nothing, and cannot go on") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate end{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await end.wait();
        });
        auto ws = co_await open(server.endpoint());
        const auto start = steady_clock::now();
        const auto sent = co_await ws.send_text(too_much(), true, in(50ms));
        REQUIRE(sent.has_error());
        CHECK(sent.error().code == util::errc::timeout);
        CHECK(steady_clock::now() - start >= 50ms);
        const auto again = co_await ws.send_text("x", true, shortly());
        REQUIRE(again.has_error());
        CHECK(again.error().code == util::errc::closed);
        co_await ws.close(1000, shortly()); // half a frame is on its way: nothing can follow it
        end.open();
        co_await server.finish();
    });
}

TEST_CASE("a large message goes out while the server reads slowly, a pong behind it") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                co_await c.upgrade();
                co_await c.write(server_frame(0x89, "while you send"));
                const auto f = co_await c.read_frame();
                CHECK(f.first == 0x81);
                CHECK(f.payload == too_much());
                const auto pong = co_await c.read_frame();
                CHECK(pong.first == 0x8a);
                CHECK(pong.payload == "while you send");
                co_await c.write(server_frame(0x81, "done"));
            });
            auto ws = co_await open(server.endpoint());
            net::group others{here};
            outcome sent;
            others.spawn(send_into(ws, too_much(), sent));
            const auto got = co_await ws.receive(shortly());
            REQUIRE_MESSAGE(got.has_value(), got.error().message);
            CHECK(got->payload == "done");
            co_await others.drain();
            CHECK(sent.error == "none");
            co_await server.finish();
        },
        20s
    );
}

TEST_CASE("a receive that times out does not harm a send that waits for the server") {
    test::run_coro(
        []() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            gate timed_out{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                co_await c.upgrade();
                co_await timed_out.wait();
                const auto f = co_await c.read_frame();
                CHECK(f.payload == too_much());
            });
            auto ws = co_await open(server.endpoint());
            net::group others{here};
            outcome sent;
            others.spawn(send_into(ws, too_much(), sent));
            for (int i = 0; i < 3; ++i) {
                const auto got = co_await ws.receive(in(10ms));
                REQUIRE(got.has_error());
                CHECK(got.error().code == util::errc::timeout);
            }
            CHECK(!sent.has_ended);
            timed_out.open();
            co_await others.drain();
            CHECK(sent.error == "none");
            co_await server.finish();
        },
        20s
    );
}

TEST_CASE("a cancelled receive leaves the connection usable") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            const auto f = co_await c.read_frame();
            co_await c.write(server_frame(0x81, f.payload));
        });
        auto ws = co_await open(server.endpoint());
        net::group others{here};
        outcome received;
        others.spawn(receive_into(ws, received));
        co_await net::asio::post(here, net::asio::use_awaitable);
        others.cancel();
        co_await others.drain();
        CHECK(received.error == "cancelled");
        co_await ws.send_text("still here", true, shortly());
        const auto got = co_await ws.receive(shortly());
        REQUIRE(got.has_value());
        CHECK(got->payload == "still here");
        co_await server.finish();
    });
}

TEST_CASE("a cancelled send ends at once") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate end{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await end.wait();
        });
        auto ws = co_await open(server.endpoint());
        net::group others{here};
        outcome sent;
        others.spawn(send_into(ws, too_much(), sent));
        co_await net::asio::post(here, net::asio::use_awaitable);
        CHECK(!sent.has_ended);
        others.cancel();
        co_await others.drain();
        CHECK(sent.error == "cancelled");
        end.open();
        co_await server.finish();
    });
}

TEST_CASE("abort ends what is under way with closed") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate end{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await end.wait();
        });
        auto ws = co_await open(server.endpoint());
        net::group others{here};
        outcome received;
        outcome sent;
        others.spawn(receive_into(ws, received));
        others.spawn(send_into(ws, too_much(), sent));
        co_await net::asio::post(here, net::asio::use_awaitable);
        co_await net::asio::post(here, net::asio::use_awaitable);
        CHECK(!received.has_ended);
        CHECK(!sent.has_ended);
        ws.abort();
        co_await others.drain();
        CHECK(received.error == "closed");
        CHECK(sent.error == "closed");
        end.open();
        co_await server.finish();
    });
}

TEST_CASE("a receive held up by pongs that nobody reads ends when it is cancelled or its time is up"
) {
    for (const bool by_deadline : {true, false}) {
        CAPTURE(by_deadline);
        test::run_coro(
            [&]() -> net::task<> {
                const auto here = co_await net::asio::this_coro::executor;
                raw_server server{here};
                gate end{here};
                server.serve([&](raw_connection& c) -> net::task<> { co_await flood(c, end); });
                auto ws = co_await open(server.endpoint());
                if (by_deadline) {
                    const auto got = co_await ws.receive(in(500ms));
                    REQUIRE(got.has_error());
                    CHECK(got.error().code == util::errc::timeout);
                } else {
                    net::group others{here};
                    outcome received;
                    others.spawn(receive_into(ws, received));
                    net::asio::steady_timer full{here, in(500ms)};
                    co_await full.async_wait(net::asio::use_awaitable);
                    CHECK(!received.has_ended);
                    others.cancel();
                    co_await others.drain();
                    CHECK(received.error == "cancelled");
                }
                end.open();
                ws.abort();
                co_await server.finish();
            },
            20s
        );
    }
}

TEST_CASE("a close behind more pings than are answered is answered all the same") {
    const auto run = []() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate received{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            std::string bytes;
            for (int i = 0; i < 100; ++i) {
                bytes += server_frame(0x89, std::string(125, 'p'));
            }
            co_await c.write(bytes + server_frame(0x88, close_body(1001)));
            co_await received.wait();
            const auto text = co_await c.read_frame();
            CHECK(text.payload.size() == too_much().size());
            auto f = co_await c.read_frame();
            while (f.first == 0x8a) {
                f = co_await c.read_frame();
            }
            CHECK(f.first == 0x88);
            CHECK(f.payload == close_body(1001));
        });
        auto ws = co_await open(server.endpoint());
        net::group others{here};
        outcome sent;
        others.spawn(send_into(ws, too_much(), sent)); // the answers must wait for it
        const auto got = co_await ws.receive(shortly());
        REQUIRE_MESSAGE(got.has_value(), got.error().message);
        CHECK(got->what == net::incoming::kind::closed);
        CHECK(!sent.has_ended);
        received.open();
        co_await others.drain();
        CHECK(sent.error == "none");
        co_await server.finish();
    };
    test::run_coro(run, 20s);
}

TEST_CASE("of a close and the answer to the server's only one is sent") {
    const auto run = []() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate closing{here};
        gate received{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.upgrade();
            co_await closing.wait();
            co_await c.write(server_frame(0x88, close_body(1001)));
            co_await received.wait();
            const auto text = co_await c.read_frame();
            CHECK(text.payload.size() == too_much().size());
            const auto close = co_await c.read_frame();
            CHECK(close.first == 0x88);
            CHECK(close.payload == close_body(1001));
            c.socket().shutdown(net::tcp::socket::shutdown_send);
            const auto rest = co_await c.read_rest();
            CHECK(rest.empty());
        });
        auto ws = co_await open(server.endpoint());
        net::group others{here};
        outcome sent;
        others.spawn(send_into(ws, too_much(), sent));
        auto close = [](net::websocket& w) -> net::task<> { co_await w.close(1000, shortly()); };
        co_await net::asio::post(here, net::asio::use_awaitable);
        CHECK(!sent.has_ended);
        others.spawn(close(ws)); // behind it
        co_await net::asio::post(here, net::asio::use_awaitable);
        closing.open();
        const auto got = co_await ws.receive(shortly());
        REQUIRE_MESSAGE(got.has_value(), got.error().message);
        CHECK(got->what == net::incoming::kind::closed);
        received.open();
        co_await others.drain();
        co_await server.finish();
    };
    test::run_coro(run, 20s);
}

TEST_CASE("a send that waits behind a pong which is cut off ends with it") {
    const auto run = []() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate end{here};
        server.serve([&](raw_connection& c) -> net::task<> { co_await flood(c, end); });
        auto ws = co_await open(server.endpoint());
        net::group reading{here};
        net::group writing{here};
        outcome received;
        outcome sent;
        reading.spawn(receive_into(ws, received));
        net::asio::steady_timer full{here, in(500ms)};
        co_await full.async_wait(net::asio::use_awaitable);
        const std::string text = "not behind half a pong";
        writing.spawn(send_into(ws, text, sent));
        co_await net::asio::post(here, net::asio::use_awaitable);
        CHECK(!sent.has_ended);
        reading.cancel();
        co_await reading.drain();
        CHECK(received.error == "cancelled");
        co_await writing.drain();
        CHECK(sent.error == "closed");
        end.open();
        ws.abort();
        co_await server.finish();
    };
    test::run_coro(run, 20s);
}

TEST_CASE("connect ends at its deadline when the server does not answer the upgrade") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> { co_await c.read_rest(); });
        const auto start = steady_clock::now();
        const auto ws = co_await net::websocket::connect(server.endpoint(), "/", in(50ms));
        REQUIRE(ws.has_error());
        CHECK(ws.error().code == util::errc::timeout);
        CHECK(ws.error().message.starts_with("no answer from 127.0.0.1:"));
        CHECK(steady_clock::now() - start >= 50ms);
        co_await server.finish();
    });
}
