#include "net/handshake.hpp"

#include "net/websocket.hpp"
#include "raw_server.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

using namespace vsim;
using namespace std::string_literals;
using test::raw_connection;
using test::raw_server;
using test::shortly;

TEST_CASE("the answer to a key is the one of RFC 6455") {
    CHECK(net::websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("a key is 16 bytes in base64, and another one each time") {
    const auto key = net::make_websocket_key();
    CHECK(key.size() == 24);
    CHECK(key.ends_with("=="));
    CHECK(
        key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
        ) == std::string::npos
    );
    CHECK(net::make_websocket_key() != key);
}

TEST_CASE("the upgrade asks for what RFC 6455 wants, below the URL's path") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        std::string head;
        server.serve([&](raw_connection& c) -> net::task<> { head = co_await c.upgrade(); });
        auto to = server.endpoint();
        to.url.path = "/prefix";
        const auto ws = co_await net::websocket::connect(to, "/ws/agent?a=b", shortly());
        CHECK(ws.has_value());
        co_await server.finish();
        CHECK(head.starts_with("GET /prefix/ws/agent?a=b HTTP/1.1\r\n"));
        for (const auto& line :
             {"Host: " + to.url.authority(),
              "Upgrade: websocket"s,
              "Connection: Upgrade"s,
              "Sec-WebSocket-Version: 13"s}) {
            CAPTURE(line);
            CHECK(head.find("\r\n" + line + "\r\n") != std::string::npos);
        }
        CHECK(head.find("Extensions") == std::string::npos);
    });
}

TEST_CASE("an answer in other letter cases and with more in it is an upgrade all the same") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            const auto head = co_await c.read_until("\r\n\r\n");
            const auto at = head.find("Sec-WebSocket-Key: ") + 19;
            co_await c.write_bytewise(
                "HTTP/1.1 101 Whatever\r\nSERVER: x\r\nUPGRADE: WebSocket\r\n"
                "connection: keep-alive, upgrade\r\nsec-websocket-accept: " +
                net::websocket_accept(head.substr(at, 24)) + "\r\n\r\n\x81\x02hi"
            );
        });
        auto ws = co_await net::websocket::connect(server.endpoint(), "/", shortly());
        REQUIRE(ws.has_value());
        const auto got = co_await ws->receive(shortly());
        REQUIRE(got.has_value());
        CHECK(got->payload == "hi");
        co_await server.finish();
    });
}

TEST_CASE("anything but an upgrade is refused, and the message says what came") {
    struct answer {
        std::string text; // KEY stands for the right accept
        util::errc code;
        std::string message;
    };
    const auto wrong = util::errc::protocol;
    const std::string upgrade = "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    const answer answers[] = {
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
         wrong,
         "GET /ws answered 404, not a WebSocket upgrade"},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>",
         wrong,
         "GET /ws answered 200 (text/html), not a WebSocket upgrade"},
        {"HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
         wrong,
         "GET /ws answered 101, but to something else than a WebSocket"},
        {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n",
         wrong,
         "GET /ws answered 101, but to something else than a WebSocket"},
        {upgrade + "\r\n", wrong, "GET /ws answered 101 with a wrong Sec-WebSocket-Accept"},
        {upgrade + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         wrong,
         "GET /ws answered 101 with a wrong Sec-WebSocket-Accept"},
        {upgrade + "Sec-WebSocket-Accept: KEY\r\nSec-WebSocket-Extensions: x\r\n\r\n",
         wrong,
         "GET /ws answered 101 with an extension or subprotocol nobody asked for"},
        {upgrade + "Sec-WebSocket-Accept: KEY\r\nSec-WebSocket-Protocol: x\r\n\r\n",
         wrong,
         "GET /ws answered 101 with an extension or subprotocol nobody asked for"},
        {"SSH-2.0-OpenSSH\r\n\r\n", wrong, "PEER answered something that is not HTTP"},
        {upgrade, wrong, "PEER ended in the middle of its answer to GET /ws"},
        {"", util::errc::closed, "PEER closed the connection during the handshake"},
    };
    for (const auto& a : answers) {
        CAPTURE(a.message);
        test::run_coro([&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                const auto head = co_await c.read_until("\r\n\r\n");
                const auto at = head.find("Sec-WebSocket-Key: ") + 19;
                auto text = a.text;
                if (const auto key = text.find("KEY"); key != std::string::npos) {
                    text.replace(key, 3, net::websocket_accept(head.substr(at, 24)));
                }
                co_await c.write(text);
            });
            const auto ws = co_await net::websocket::connect(server.endpoint(), "/ws", shortly());
            REQUIRE(ws.has_error());
            CHECK(ws.error().code == a.code);
            auto expected = a.message;
            if (expected.starts_with("PEER")) {
                expected.replace(0, 4, server.endpoint().url.authority());
            }
            CHECK(ws.error().message == expected);
            co_await server.finish();
        });
    }
}

TEST_CASE("nobody listening is unreachable and says so") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        const auto to = server.endpoint();
        server.refuse();
        const auto ws = co_await net::websocket::connect(to, "/ws", shortly());
        REQUIRE(ws.has_error());
        CHECK(ws.error().code == util::errc::unreachable);
        CHECK(ws.error().message == "connection refused by " + to.url.authority());
    });
}

TEST_CASE("a source address is used, and one that cannot be is refused") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        std::string seen;
        server.serve([&](raw_connection& c) -> net::task<> {
            seen = c.socket().remote_endpoint().address().to_string();
            co_await c.upgrade();
        });
        auto to = server.endpoint();
        to.source_ip = "127.0.0.2";
        const auto ws = co_await net::websocket::connect(to, "/", shortly());
        CHECK(ws.has_value());
        co_await server.finish();
        CHECK(seen == "127.0.0.2");
        for (const char* bad : {"nonsense", "::1", "203.0.113.1"}) {
            CAPTURE(bad);
            to.source_ip = bad;
            const auto refused = co_await net::websocket::connect(to, "/", shortly());
            REQUIRE(refused.has_error());
            CHECK(refused.error().code == util::errc::bad_input);
            CHECK(refused.error().message.find(bad) != std::string::npos);
        }
    });
}
