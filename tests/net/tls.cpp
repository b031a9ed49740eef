#include "net/tls.hpp"

#include "certificate.hpp"
#include "net/websocket.hpp"
#include "raw_server.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using test::certificate;
using test::client_context;
using test::has_openssl;
using test::secured;
using test::server_context;
using test::shortly;

namespace {

net::task<> expect_echo(net::endpoint to) {
    auto ws = co_await net::websocket::connect(to, "/ws/echo", shortly());
    REQUIRE_MESSAGE(ws.has_value(), ws.error().message);
    for (const std::size_t size : {0UL, 5UL, 126UL, 16'383UL, 16'384UL, 16'385UL, 300'000UL}) {
        const std::string text(size, 't');
        const auto sent = co_await ws->send_text(text, true, shortly());
        CHECK(sent.has_value());
        const auto got = co_await ws->receive(shortly());
        REQUIRE_MESSAGE(got.has_value(), got.error().message);
        CHECK(got->payload == text);
    }
    const auto pinged = co_await ws->send_ping("over TLS", shortly());
    CHECK(pinged.has_value());
    const auto pong = co_await ws->receive(shortly());
    REQUIRE(pong.has_value());
    CHECK(pong->what == net::incoming::kind::pong);
    CHECK(pong->payload == "over TLS");
    co_await ws->close(1000, shortly());
}

net::task<> expect_refused(net::endpoint to, std::string why) {
    const auto ws = co_await net::websocket::connect(to, "/ws/echo", shortly());
    REQUIRE(ws.has_error());
    CHECK(ws.error().code == util::errc::protocol);
    CHECK(ws.error().message.starts_with(
        "TLS handshake with " + to.url.authority() + " failed: " + why
    ));
}

} // namespace

TEST_CASE("messages and requests go over TLS to a server whose certificate is trusted") {
    if (!has_openssl()) {
        return;
    }
    test::loopback server{test::echo_handlers(), server_context()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            const auto trusting = client_context(true, certificate::shared().cert());
            co_await expect_echo(secured(server.endpoint(), trusting));
            co_await expect_echo(secured(server.endpoint(), trusting, "localhost"));
            {
                net::http_client client{here, secured(server.endpoint(), trusting)};
                for (const std::string path : {"/1", "/2"}) {
                    net::http_request r;
                    r.target = path;
                    const auto got = co_await client.send(std::move(r), shortly());
                    REQUIRE_MESSAGE(got.has_value(), got.error().message);
                    CHECK(got->body == "GET " + path + " ");
                }
            }
            co_await server.stop();
            CHECK(server.server().connections() == 0);
        },
        20s
    );
}

TEST_CASE("a read that is called off leaves a connection over TLS as it was") {
    if (!has_openssl()) {
        return;
    }
    test::loopback server{test::echo_handlers(), server_context()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto to = secured(server.endpoint(), client_context(false));
            auto ws = co_await net::websocket::connect(to, "/ws/echo", shortly());
            REQUIRE(ws.has_value());
            const auto nothing = co_await ws->receive(std::chrono::steady_clock::now() + 20ms);
            REQUIRE(nothing.has_error());
            CHECK(nothing.error().code == util::errc::timeout);
            const auto sent = co_await ws->send_text("still here", true, shortly());
            CHECK(sent.has_value());
            const auto got = co_await ws->receive(shortly());
            REQUIRE_MESSAGE(got.has_value(), got.error().message);
            CHECK(got->payload == "still here");
            co_await ws->close(1000, shortly());
            co_await server.stop();
        },
        20s
    );
}

TEST_CASE("over TLS, too, one coroutine offers, sleeps and polls") {
    if (!has_openssl()) {
        return;
    }
    test::loopback server{test::echo_handlers(), server_context()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            const auto to = secured(server.endpoint(), client_context(false));
            auto ws = co_await net::websocket::connect(to, "/ws/echo", shortly());
            REQUIRE(ws.has_value());
            net::ticker clock{here, 1ms};
            for (const auto& text : {std::string{"short"}, std::string(40'000, 'l')}) {
                const auto offered = ws->offer_text(text, "behind it");
                REQUIRE(offered.has_value());
                CHECK_FALSE(*offered);
                const auto flushed = co_await ws->flush(shortly());
                CHECK(flushed.has_value());
                auto event = ws->poll();
                while (event && !*event) {
                    const auto woken = co_await ws->sleep_until(clock, test::in(10s));
                    REQUIRE(woken == net::wake::interrupted);
                    event = ws->poll();
                }
                REQUIRE_MESSAGE(event.has_value(), event.error().message);
                CHECK((*event)->payload == text);
                event = ws->poll();
                while (event && !*event) {
                    co_await ws->sleep_until(clock, test::in(10s));
                    event = ws->poll();
                }
                REQUIRE_MESSAGE(event.has_value(), event.error().message);
                CHECK((*event)->what == net::incoming::kind::pong);
                CHECK((*event)->payload == "behind it");
            }
            const auto woken = co_await ws->sleep_until(clock, test::in(3ms));
            CHECK(woken == net::wake::due);
            co_await ws->close(1000, shortly());
            co_await server.stop();
        },
        20s
    );
}

TEST_CASE("reading and writing go on at the same time over TLS, pings answered between") {
    if (!has_openssl()) {
        return;
    }
    test::loopback server{test::echo_handlers(), server_context()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            const auto to = secured(server.endpoint(), client_context(false));
            auto ws = co_await net::websocket::connect(to, "/ws/echo", shortly());
            REQUIRE(ws.has_value());
            std::size_t received = 0;
            auto reader = [](net::websocket& w, std::size_t& n) -> net::task<> {
                while (n < 100) {
                    const auto got = co_await w.receive(shortly());
                    if (!got || got->payload.size() != 1000 * n) {
                        co_return;
                    }
                    ++n;
                }
            };
            net::group others{here};
            others.spawn(reader(*ws, received));
            for (std::size_t i = 0; i < 100; ++i) {
                const std::string text(1000 * i, 't');
                const auto sent = co_await ws->send_text(text, true, shortly());
                CHECK(sent.has_value());
            }
            co_await others.drain();
            CHECK(received == 100);
            co_await ws->close(1000, shortly());
            co_await server.stop();
        },
        20s
    );
}

TEST_CASE("a certificate of nobody we trust is refused, unless told not to ask") {
    if (!has_openssl()) {
        return;
    }
    test::loopback server{test::echo_handlers(), server_context()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto to = server.endpoint();
            co_await expect_refused(secured(to, client_context(true)), "self-signed certificate");
            co_await expect_echo(secured(to, client_context(false)));
            co_await server.stop();
        },
        20s
    );
}

TEST_CASE("a trusted certificate for another name is refused, unless told not to ask") {
    if (!has_openssl()) {
        return;
    }
    const certificate other{"DNS:elsewhere.invalid,IP:127.0.0.9"};
    test::loopback server{
        test::echo_handlers(), net::tls_context::server(other.cert(), other.key()).value()
    };
    test::run_coro(
        [&]() -> net::task<> {
            const auto trusting = client_context(true, other.cert());
            for (const char* host : {"127.0.0.1", "localhost"}) {
                co_await expect_refused(secured(server.endpoint(), trusting, host), "");
            }
            co_await expect_echo(secured(server.endpoint(), client_context(false)));
            co_await server.stop();
        },
        20s
    );
}

TEST_CASE("a server without TLS is refused in words, and one without an answer in time") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        test::raw_server server{here};
        server.serve([](test::raw_connection& c) -> net::task<> {
            co_await c.read(5);
            co_await c.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        const auto to = secured(server.endpoint(), client_context(false));
        co_await expect_refused(to, "");
        co_await server.finish();
        server.serve([](test::raw_connection& c) -> net::task<> { co_await c.read_rest(); });
        const auto ws = co_await net::websocket::connect(to, "/", test::in(50ms));
        REQUIRE(ws.has_error());
        CHECK(ws.error().code == util::errc::timeout);
        co_await server.finish();
    });
}

TEST_CASE("a client that speaks no TLS does not disturb a server that does") {
    if (!has_openssl()) {
        return;
    }
    test::loopback server{test::echo_handlers(), server_context()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto ws =
                co_await net::websocket::connect(server.endpoint(), "/ws/echo", shortly());
            CHECK(ws.has_error());
            co_await expect_echo(secured(server.endpoint(), client_context(false)));
            co_await server.stop();
        },
        20s
    );
}

TEST_CASE("files that are missing or no certificate are named") {
    const auto missing = net::tls_context::server("/nowhere/cert.pem", "/nowhere/key.pem");
    REQUIRE(missing.has_error());
    CHECK(missing.error().code == util::errc::bad_input);
    CHECK(missing.error().message.starts_with("TLS: cannot use certificate '/nowhere/cert.pem'"));
    net::tls_client_settings s;
    s.ca_file = "/nowhere/ca.pem";
    const auto no_ca = net::tls_context::client(s);
    REQUIRE(no_ca.has_error());
    CHECK(no_ca.error().code == util::errc::bad_input);
    CHECK(no_ca.error().message.find("'/nowhere/ca.pem'") != std::string::npos);
    if (!has_openssl()) {
        return;
    }
    const auto& c = certificate::shared();
    const auto text = net::tls_context::server(c.not_a_cert(), c.key());
    CHECK(text.has_error());
    const auto no_key = net::tls_context::server(c.cert(), c.not_a_cert());
    REQUIRE(no_key.has_error());
    CHECK(no_key.error().message.starts_with("TLS: cannot use private key"));
    const auto encrypted = net::tls_context::server(c.cert(), c.encrypted_key());
    REQUIRE(encrypted.has_error());
    CHECK(encrypted.error().code == util::errc::bad_input);
    CHECK(
        encrypted.error().message ==
        "TLS: cannot use private key '" + c.encrypted_key() +
            "': the key is encrypted (accepted: an unencrypted PEM key)"
    );
}
