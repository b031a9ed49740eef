// A client WebSocket against a server that shares no line with it: Beast's, over TCP and TLS.

#include "certificate.hpp"
#include "net/websocket.hpp"
#include "raw_server.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using kind = net::incoming::kind;
using test::open;
using test::raw_connection;
using test::raw_server;
using test::shortly;

namespace {

namespace beast = boost::beast;
namespace ws = beast::websocket;
constexpr auto as_tuple = net::asio::as_tuple(net::asio::use_awaitable);

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (i + i / 251) % 23);
    }
    return text;
}

template <class Stream>
net::task<> accept(ws::stream<Stream&>& s) {
    s.read_message_max(0);
    s.text(true); // it then refuses what is no UTF-8
    co_await s.async_accept(net::asio::use_awaitable);
}

template <class Stream>
net::task<std::string> read(ws::stream<Stream&>& s) {
    beast::flat_buffer buffer;
    co_await s.async_read(buffer, net::asio::use_awaitable);
    co_return beast::buffers_to_string(buffer.data());
}

template <class Stream>
net::task<> write(ws::stream<Stream&>& s, std::string text) {
    co_await s.async_write(net::asio::buffer(text), net::asio::use_awaitable);
}

// Echoes until the client closes with `code`.
template <class Stream>
net::task<> echo(Stream& next, std::uint16_t code) {
    ws::stream<Stream&> s{next};
    co_await accept(s);
    for (;;) {
        beast::flat_buffer buffer;
        const auto [ec, n] = co_await s.async_read(buffer, as_tuple);
        static_cast<void>(n);
        if (ec) {
            // Over TLS our client drops the connection once both have closed, without a word of
            // TLS.
            const bool is_dropped = ec == net::asio::ssl::error::stream_truncated;
            CHECK_MESSAGE((ec == ws::error::closed || is_dropped), ec.message());
            CHECK(s.reason().code == code);
            co_return;
        }
        co_await s.async_write(buffer.data(), net::asio::use_awaitable);
    }
}

net::task<> send(net::websocket& c, std::string text, bool last = true) {
    const auto sent = co_await c.send_text(text, last, shortly());
    REQUIRE_MESSAGE(sent.has_value(), sent.error().message);
}

net::task<> expect(net::websocket& c, kind what, std::string payload) {
    const auto got = co_await c.receive(shortly());
    REQUIRE_MESSAGE(got.has_value(), got.error().message);
    CHECK(got->what == what);
    CHECK((got->payload == payload)); // not printed: it may have megabytes
}

net::task<> expect_echoes(net::websocket& c) {
    for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 65535UL, 65536UL, 300'000UL}) {
        const auto text = pattern(size);
        co_await send(c, text);
        co_await expect(c, kind::message, text);
    }
    // In fragments, a character cut by one, a ping between.
    co_await send(c, "one \xe2\x82", false);
    const auto pinged = co_await c.send_ping("between", shortly());
    CHECK(pinged.has_value());
    co_await send(c, "", false);
    co_await send(c, "\xac two ", false);
    co_await send(c, "three");
    co_await expect(c, kind::pong, "between");
    co_await expect(c, kind::message, "one \xe2\x82\xac two three");
}

// A Beast server that does `script`, and a client of it that does `body`.
void with_beast(
    std::function<net::task<>(ws::stream<net::tcp::socket&>&)> script,
    std::function<net::task<>(net::websocket&)> body
) {
    const auto run = [&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            ws::stream<net::tcp::socket&> s{c.socket()};
            co_await accept(s);
            co_await script(s);
        });
        auto client = co_await open(server.endpoint());
        co_await body(client);
        client.abort();
        co_await server.finish();
    };
    test::run_coro(run, 30s);
}

} // namespace

TEST_CASE("Beast gives back messages of every length class, whole or in fragments") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> { co_await echo(c.socket(), 1000); });
        auto client = co_await open(server.endpoint());
        co_await expect_echoes(client);
        co_await client.close(1000, shortly());
        co_await server.finish();
    });
}

TEST_CASE("Beast gives them back over TLS as well") {
    if (!test::has_openssl()) {
        return;
    }
    const auto run = []() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here, test::server_context()};
        server.serve([](raw_connection& c) -> net::task<> {
            co_await echo(c.stream().tls(), 1001);
        });
        auto client = co_await open(test::secured(server.endpoint(), test::client_context(false)));
        co_await expect_echoes(client);
        co_await client.close(1001, shortly());
        co_await server.finish();
    };
    test::run_coro(run, 30s);
}

TEST_CASE("16 MiB go both ways, in one frame and in fragments of Beast's and ours") {
    const auto large = pattern(16 << 20);
    with_beast(
        [&](auto& s) -> net::task<> {
            for (const bool in_fragments : {false, true}) {
                const auto got = co_await read(s);
                CHECK((got == large));
                s.auto_fragment(in_fragments);
                s.write_buffer_bytes(4096);
                co_await write(s, large);
            }
        },
        [&](net::websocket& c) -> net::task<> {
            co_await send(c, large);
            co_await expect(c, kind::message, large);
            for (std::size_t at = 0; at < large.size(); at += 1 << 16) {
                co_await send(c, large.substr(at, 1 << 16), at + (1 << 16) == large.size());
            }
            co_await expect(c, kind::message, large);
        }
    );
}

TEST_CASE("Beast's pings are answered while it waits, ours by Beast") {
    std::vector<std::string> pongs;
    with_beast(
        [&](auto& s) -> net::task<> {
            s.control_callback([&](ws::frame_type what, beast::string_view payload) {
                if (what == ws::frame_type::pong) {
                    pongs.emplace_back(payload);
                }
            });
            for (int i = 0; i < 10; ++i) {
                const ws::ping_data payload{std::to_string(i)};
                co_await s.async_ping(payload, net::asio::use_awaitable);
            }
            const ws::ping_data longest{pattern(125)};
            co_await s.async_ping(longest, net::asio::use_awaitable);
            co_await write(s, "pinged");
            const auto got = co_await read(s); // the pongs come before it
            CHECK(got == "done");
        },
        [&](net::websocket& c) -> net::task<> {
            co_await expect(c, kind::message, "pinged");
            const auto pinged = co_await c.send_ping(pattern(125), shortly());
            CHECK(pinged.has_value());
            co_await send(c, "done");
            co_await expect(c, kind::pong, pattern(125));
        }
    );
    CHECK(
        pongs ==
        std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", pattern(125)}
    );
}

TEST_CASE("a close by Beast is answered with its code and Beast is content") {
    for (const auto code : {1000, 1001, 1011, 3000, 4999}) {
        const std::string reason = code == 1000 ? pattern(123) : "reason";
        with_beast(
            [&](auto& s) -> net::task<> {
                const ws::close_reason why{static_cast<ws::close_code>(code), reason};
                const auto [ec] = co_await s.async_close(why, as_tuple); // waits for the answer
                CHECK_MESSAGE(!ec, ec.message());
                CHECK(s.reason().code == code);
            },
            [&](net::websocket& c) -> net::task<> {
                const auto got = co_await c.receive(shortly());
                REQUIRE_MESSAGE(got.has_value(), got.error().message);
                CHECK(got->what == kind::closed);
                CHECK(got->close_code == code);
                CHECK(got->payload == reason);
            }
        );
    }
}

TEST_CASE("both close at once and both are content") {
    with_beast(
        [](auto& s) -> net::task<> {
            const auto [ec] = co_await s.async_close(ws::close_code::normal, as_tuple);
            CHECK_MESSAGE(!ec, ec.message());
            CHECK(s.reason().code == 1001);
        },
        [](net::websocket& c) -> net::task<> { co_await c.close(1001, shortly()); }
    );
}
