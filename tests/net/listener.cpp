#include "net/listener.hpp"

#include "raw_server.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using namespace std::string_literals;
using test::close_body;
using test::raw_connection;

namespace {

const std::string cors = "Access-Control-Allow-Origin: *\r\n"
                         "Access-Control-Allow-Methods: GET, POST, PUT, DELETE, OPTIONS\r\n"
                         "Access-Control-Allow-Headers: *\r\n";

net::task<raw_connection> dial(const net::listener& to) {
    const auto here = co_await net::asio::this_coro::executor;
    net::asio::ip::tcp::socket s{here};
    const net::asio::ip::tcp::endpoint at{net::asio::ip::make_address("127.0.0.1"), to.port()};
    co_await s.async_connect(at, net::asio::use_awaitable);
    co_return raw_connection{std::move(s)};
}

std::string upgrade_request(const std::string& path) {
    return "GET " + path +
           " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

std::string masked_frame(unsigned first, std::string payload) {
    const std::string key = "\x37\xfa\x21\x3d";
    for (std::size_t i = 0; i < payload.size(); ++i) {
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    }
    std::string f(1, static_cast<char>(first));
    f += static_cast<char>(0x80 | payload.size());
    return f + key + payload;
}

// A WebSocket to /ws/echo whose handshake is done.
net::task<raw_connection> dial_websocket(const net::listener& to) {
    auto c = co_await dial(to);
    co_await c.write(upgrade_request("/ws/echo"));
    const auto answer = co_await c.read_until("\r\n\r\n");
    CHECK(
        answer == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                  "Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
    co_return c;
}

void with_echo(std::function<net::task<>(test::loopback&)> body) {
    test::loopback server{test::echo_handlers()};
    test::run_coro([&]() -> net::task<> {
        co_await body(server);
        co_await server.stop();
        CHECK(server.server().connections() == 0);
    });
}

} // namespace

TEST_CASE("an address to listen on is IP:port, anything else is refused and named") {
    net::pool pool{1, 1};
    for (const char* bad :
         {"",
          "3001",
          "127.0.0.1",
          ":3001",
          "localhost:3001",
          "127.0.0.1:",
          "127.0.0.1:65536",
          "127.0.0.1:-1",
          "127.0.0.1:80x",
          "1.2.3:80",
          "[::1:80"}) {
        CAPTURE(bad);
        const auto made = net::listener::bind(pool, bad, test::echo_handlers());
        REQUIRE(made.has_error());
        CHECK(made.error().code == util::errc::bad_input);
        CHECK(made.error().message.find("'"s + bad + "'") != std::string::npos);
    }
}

TEST_CASE("an address in use is an io error that names it") {
    net::pool pool{1, 1};
    const auto first = net::listener::bind(pool, "127.0.0.1:0", test::echo_handlers());
    REQUIRE(first.has_value());
    const auto address = (*first)->address();
    CHECK(address == "127.0.0.1:" + std::to_string((*first)->port()));
    const auto second = net::listener::bind(pool, address, test::echo_handlers());
    REQUIRE(second.has_error());
    CHECK(second.error().code == util::errc::io);
    CHECK(second.error().message.find(address) != std::string::npos);
}

TEST_CASE("every answer has the CORS headers, and requests on one connection keep their order") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial(server.server());
        co_await c.write(
            "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\nPOST /c HTTP/1.1\r\nHost: x\r\nContent-Length: "
            "4\r\n\r\nbodyOPTIONS /d HTTP/1.1\r\nHost: x\r\n\r\n"
        );
        const auto first = co_await c.read_until("GET /a?b ");
        CHECK(
            first == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + cors +
                         "Content-Length: 9\r\n\r\nGET /a?b "
        );
        const auto second = co_await c.read_until("POST /c body");
        CHECK(
            second == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + cors +
                          "Content-Length: 12\r\n\r\nPOST /c body"
        );
        const auto third = co_await c.read_until("\r\n\r\n");
        CHECK(third == "HTTP/1.1 204 No Content\r\n" + cors + "\r\n");
        CHECK(server.server().connections() == 1);
    });
}

TEST_CASE("a client that wants to close, or speaks HTTP/1.0, is answered and closed") {
    with_echo([](test::loopback& server) -> net::task<> {
        for (const char* request :
             {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
            CAPTURE(request);
            auto c = co_await dial(server.server());
            co_await c.write(request);
            const auto answer = co_await c.read_rest();
            CHECK(answer.find(" 200 OK\r\n") != std::string::npos);
            CHECK(answer.ends_with("\r\n\r\nGET / "));
        }
    });
}

TEST_CASE("the answer to a HEAD has no body") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial(server.server());
        co_await c.write("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto head = co_await c.read_until("\r\n\r\n");
        CHECK(head.find("Content-Length: 7\r\n") != std::string::npos); // "HEAD / "
        const auto next = co_await c.read_until("GET /2 ");
        CHECK(next.starts_with("HTTP/1.1 200 OK\r\n"));
    });
}

TEST_CASE("a client that expects it is told to go on before it sends the body") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial(server.server());
        co_await c.write(
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        );
        const auto go_on = co_await c.read_until("\r\n\r\n");
        CHECK(go_on == "HTTP/1.1 100 Continue\r\n\r\n");
        co_await c.write("hi");
        const auto answer = co_await c.read_until("POST / hi");
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    });
}

TEST_CASE("what is no HTTP is answered with 400 and closed; silence is just closed") {
    with_echo([](test::loopback& server) -> net::task<> {
        for (const char* bytes :
             {"hello\r\n\r\n", "GET / HTTP/3.7\r\n\r\n", "\x16\x03\x01 TLS\r\n\r\n"}) {
            CAPTURE(bytes);
            auto c = co_await dial(server.server());
            co_await c.write(bytes);
            const auto answer = co_await c.read_rest();
            CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        }
        auto c = co_await dial(server.server());
        c.socket().shutdown(net::asio::ip::tcp::socket::shutdown_send);
        const auto nothing = co_await c.read_rest();
        CHECK(nothing == "");
    });
}

TEST_CASE("a WebSocket path without an upgrade is a 400 that names the version") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial(server.server());
        for (const char* more :
             {"",
              "Upgrade: websocket\r\n",
              "Upgrade: websocket\r\nConnection: upgrade\r\n",
              "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 8\r\n"
              "Sec-WebSocket-Key: x\r\n"}) {
            CAPTURE(more);
            co_await c.write("GET /ws/x HTTP/1.1\r\nHost: x\r\n"s + more + "\r\n");
            const auto answer = co_await c.read_until("Bad Request\n");
            CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
            CHECK(answer.find("\r\nSec-Websocket-Version: 13\r\n") != std::string::npos);
            CHECK(answer.find("\r\n" + cors) != std::string::npos);
        }
        co_await c.write("POST /ws/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        co_await c.read_until("POST /ws/x "); // another method is an ordinary request
    });
}

TEST_CASE("text, binary, fragments, pings between them and what came with the upgrade are taken") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial(server.server());
        co_await c.write(upgrade_request("/ws/echo") + masked_frame(0x81, "early"));
        co_await c.read_until("\r\n\r\n");
        const auto early = co_await c.read(7);
        CHECK(early == "\x81\x05"s + "early");
        co_await c.write_bytewise(
            masked_frame(0x02, "bin") + masked_frame(0x89, "p") + masked_frame(0x00, "") +
            masked_frame(0x80, "ary\xff")
        );
        const auto pong = co_await c.read(3);
        CHECK(pong == "\x8a\x01p");
        const auto whole = co_await c.read(9);
        CHECK(whole == "\x81\x07"s + "binary\xff");
        co_await c.write(masked_frame(0x88, close_body(3000, "enough")));
        const auto rest = co_await c.read_rest();
        CHECK(rest == "\x88\x02"s + close_body(3000));
    });
}

TEST_CASE("an unmasked frame ends the connection with 1002") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial_websocket(server.server());
        co_await c.write("\x81\x02hi");
        const auto rest = co_await c.read_rest();
        CHECK(rest == "\x88\x02"s + close_body(1002));
    });
}

TEST_CASE("a peer that closes says 1000 and waits for the answer; one that aborts says nothing") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto c = co_await dial(server.server());
        co_await c.write(upgrade_request("/ws/close") + masked_frame(0x81, "now"));
        co_await c.read_until("\r\n\r\n");
        const auto closing = co_await c.read(4);
        CHECK(closing == "\x88\x02"s + close_body(1000));
        co_await c.write(masked_frame(0x81, "late") + masked_frame(0x88, close_body(1000)));
        const auto nothing = co_await c.read_rest();
        CHECK(nothing == "");
        auto d = co_await dial(server.server());
        co_await d.write(upgrade_request("/ws/abort") + masked_frame(0x81, "now"));
        co_await d.read_until("\r\n\r\n");
        const auto silence = co_await d.read_rest();
        CHECK(silence == "");
    });
}

TEST_CASE("a request knows where it comes from") {
    auto handlers = test::echo_handlers();
    handlers.on_request = [](net::http_request r) -> net::task<net::http_response> {
        net::http_response out;
        out.content_type = "text/plain";
        out.body = r.remote_ip + " " + std::string{net::header(r, "x-name")};
        co_return out;
    };
    test::loopback server{handlers};
    test::run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        {
            auto to = server.endpoint();
            to.source_ip = "127.0.0.3";
            net::http_client client{here, to};
            net::http_request r;
            r.target = "/";
            r.headers.emplace_back("X-Name", "value");
            const auto got = co_await client.send(std::move(r), test::shortly());
            REQUIRE(got.has_value());
            CHECK(got->body == "127.0.0.3 value");
        }
        co_await server.stop();
    });
}

TEST_CASE("stop ends connections in every state and refuses new ones") {
    with_echo([](test::loopback& server) -> net::task<> {
        auto idle = co_await dial(server.server());
        co_await idle.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        co_await idle.read_until("GET / ");
        auto half = co_await dial(server.server());
        co_await half.write("GET / HTTP/1.1\r\nHos");
        auto websocket = co_await dial_websocket(server.server());
        const auto at = server.server().port();
        co_await server.stop();
        for (auto* c : {&idle, &half, &websocket}) {
            const auto rest = co_await c->read_rest();
            CHECK(rest == "");
        }
        const auto here = co_await net::asio::this_coro::executor;
        net::asio::ip::tcp::socket s{here};
        const net::asio::ip::tcp::endpoint closed{net::asio::ip::make_address("127.0.0.1"), at};
        const auto [ec] =
            co_await s.async_connect(closed, net::asio::as_tuple(net::asio::use_awaitable));
        CHECK(ec == net::asio::error::connection_refused);
    });
}
