#include "net/http.hpp"

#include "raw_server.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using test::gate;
using test::in;
using test::raw_connection;
using test::raw_server;
using test::shortly;

namespace {

net::http_request get(std::string target) {
    net::http_request r;
    r.target = std::move(target);
    return r;
}

net::http_request post(std::string target, std::string body) {
    net::http_request r;
    r.method = "POST";
    r.target = std::move(target);
    r.body = std::move(body);
    return r;
}

std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

net::task<> expect_body(net::http_client& client, std::string target, std::string body) {
    const auto got = co_await client.send(get(target), shortly());
    REQUIRE_MESSAGE(got.has_value(), got.error().message);
    CHECK(got->status == 200);
    CHECK(got->body == body);
}

} // namespace

TEST_CASE("headers are found without regard to case, the first of a name, or nothing") {
    net::http_request r;
    r.headers = {{"X-One", "1"}, {"x-two", "2"}, {"X-TWO", "3"}};
    CHECK(net::header(r, "x-one") == "1");
    CHECK(net::header(r, "X-Two") == "2");
    CHECK(net::header(r, "x-three") == "");
}

TEST_CASE("requests of one client share a connection") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        std::vector<std::string> heads;
        server.serve([&](raw_connection& c) -> net::task<> {
            for (int i = 0; i < 3; ++i) {
                auto head = co_await c.read_until("\r\n\r\n");
                heads.push_back(std::move(head));
                co_await c.write(ok("answer " + std::to_string(i)));
            }
        });
        auto to = server.endpoint();
        to.url.path = "/prefix";
        net::http_client client{here, to};
        co_await expect_body(client, "/a?b=c", "answer 0");
        co_await expect_body(client, "/2", "answer 1");
        co_await expect_body(client, "/3", "answer 2");
        co_await server.finish();
        REQUIRE(heads.size() == 3);
        CHECK(heads[0].starts_with("GET /prefix/a?b=c HTTP/1.1\r\n"));
        CHECK(heads[0].find("\r\nHost: " + to.url.authority() + "\r\n") != std::string::npos);
        CHECK(heads[1].starts_with("GET /prefix/2 HTTP/1.1\r\n"));
    });
}

TEST_CASE("method, headers and body go out as they were given") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        std::string seen;
        server.serve([&](raw_connection& c) -> net::task<> {
            seen = co_await c.read_until("the body");
            co_await c.write("HTTP/1.1 201 Created\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n"
            );
        });
        net::http_client client{here, server.endpoint()};
        auto request = post("/x", "the body");
        request.headers.emplace_back("Authorization", "Bearer secret");
        const auto got = co_await client.send(std::move(request), shortly());
        REQUIRE(got.has_value());
        CHECK(got->status == 201);
        CHECK(got->body == "");
        CHECK(got->content_type == "");
        const std::vector<std::pair<std::string, std::string>> expected{
            {"X-A", "1"}, {"X-A", "2"}, {"Content-Length", "0"}
        };
        CHECK(got->headers == expected);
        CHECK(seen.starts_with("POST /x HTTP/1.1\r\n"));
        CHECK(seen.find("\r\nAuthorization: Bearer secret\r\n") != std::string::npos);
        CHECK(seen.find("\r\nContent-Length: 8\r\n") != std::string::npos);
        co_await server.finish();
    });
}

TEST_CASE("a connection that the server closed between two requests is opened again") {
    for (const bool by_reset : {false, true}) {
        CAPTURE(by_reset);
        test::run_coro([&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                co_await c.read_until("\r\n\r\n");
                co_await c.write(ok("first"));
                if (by_reset) {
                    c.reset();
                }
            });
            net::http_client client{here, server.endpoint()};
            co_await expect_body(client, "/1", "first");
            co_await server.finish();
            server.serve([](raw_connection& c) -> net::task<> {
                const auto head = co_await c.read_until("\r\n\r\n");
                CHECK(head.starts_with("GET /2 "));
                co_await c.write(ok("second"));
            });
            co_await expect_body(client, "/2", "second");
            co_await server.finish();
        });
    }
}

TEST_CASE("a server that says close is asked over a new connection") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        auto once = [](raw_connection& c) -> net::task<> {
            co_await c.read_until("\r\n\r\n");
            co_await c.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
            const auto rest = co_await c.read_rest(); // the client ends it
            CHECK(rest.empty());
        };
        server.serve(once);
        server.serve(once);
        net::http_client client{here, server.endpoint()};
        co_await expect_body(client, "/", "hi");
        co_await expect_body(client, "/", "hi");
        co_await server.finish();
    });
}

TEST_CASE("a server that never answers is asked once, not again and again") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> { co_await c.read_until("\r\n\r\n"); });
        net::http_client client{here, server.endpoint()};
        const auto got = co_await client.send(get("/"), shortly());
        REQUIRE(got.has_error());
        CHECK(got.error().code == util::errc::closed);
        CHECK(
            got.error().message ==
            server.endpoint().url.authority() + " closed the connection without an answer"
        );
        co_await server.finish();
    });
}

TEST_CASE("bodies come with a length, in chunks, or until the end of the connection") {
    const std::pair<const char*, const char*> answers[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
         "hello"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n", ""},
        {"HTTP/1.1 200 OK\r\n\r\nhello", "hello"},
        {"HTTP/1.0 200 OK\r\n\r\nhello", "hello"},
    };
    for (const auto& [text, body] : answers) {
        CAPTURE(text);
        test::run_coro([&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                co_await c.read_until("\r\n\r\n");
                co_await c.write_bytewise(text);
            });
            net::http_client client{here, server.endpoint()};
            co_await expect_body(client, "/", body);
            co_await server.finish();
        });
    }
}

TEST_CASE("HEAD, 204 and 304 have no body, and the connection goes on") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        server.serve([](raw_connection& c) -> net::task<> {
            for (const char* answer :
                 {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
                  "HTTP/1.1 204 No Content\r\n\r\n",
                  "HTTP/1.1 304 Not Modified\r\n\r\n"}) {
                co_await c.read_until("\r\n\r\n");
                co_await c.write(answer);
            }
            co_await c.read_until("\r\n\r\n");
            co_await c.write(ok("last"));
        });
        net::http_client client{here, server.endpoint()};
        auto head = get("/");
        head.method = "HEAD";
        const auto first = co_await client.send(std::move(head), shortly());
        REQUIRE(first.has_value());
        CHECK(first->body == "");
        for (const unsigned status : {204U, 304U}) {
            const auto got = co_await client.send(get("/"), shortly());
            REQUIRE(got.has_value());
            CHECK(got->status == status);
        }
        co_await expect_body(client, "/", "last");
        co_await server.finish();
    });
}

TEST_CASE("answers that are cut off or no HTTP are protocol errors, and the next request works") {
    const std::pair<std::string, std::string> answers[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", " ended in the middle of its answer"
        },
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
         " ended in the middle of its answer"},
        {"HTTP/1.1 200 OK\r\nContent-", " ended in the middle of its answer"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
         " answered something that is not HTTP"},
        {"hello\r\n\r\n", " answered something that is not HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n", " answered with more than 1 GiB"},
    };
    for (const auto& [text, message] : answers) {
        CAPTURE(text);
        test::run_coro([&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                co_await c.read_until("\r\n\r\n");
                co_await c.write(text);
            });
            net::http_client client{here, server.endpoint()};
            const auto got = co_await client.send(get("/"), shortly());
            REQUIRE(got.has_error());
            CHECK(got.error().code == util::errc::protocol);
            CHECK(got.error().message == server.endpoint().url.authority() + message);
            co_await server.finish();
            server.serve([](raw_connection& c) -> net::task<> {
                co_await c.read_until("\r\n\r\n");
                co_await c.write(ok("fine"));
            });
            co_await expect_body(client, "/", "fine");
            co_await server.finish();
        });
    }
}

TEST_CASE("an exchange ends at its deadline wherever the server stops answering") {
    for (const char* begun :
         {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"}) {
        CAPTURE(begun);
        test::run_coro([&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            raw_server server{here};
            server.serve([&](raw_connection& c) -> net::task<> {
                co_await c.read_until("\r\n\r\n");
                co_await c.write(begun);
                co_await c.read_rest();
            });
            net::http_client client{here, server.endpoint()};
            const auto start = std::chrono::steady_clock::now();
            const auto got = co_await client.send(get("/"), in(50ms));
            REQUIRE(got.has_error());
            CHECK(got.error().code == util::errc::timeout);
            CHECK(got.error().message.starts_with(
                "no answer from " + server.endpoint().url.authority() + " within "
            ));
            CHECK(std::chrono::steady_clock::now() - start >= 50ms);
            co_await server.finish();
        });
    }
}

TEST_CASE("a cancelled exchange ends at once") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        raw_server server{here};
        gate asked{here};
        server.serve([&](raw_connection& c) -> net::task<> {
            co_await c.read_until("\r\n\r\n");
            asked.open();
            co_await c.read_rest();
        });
        net::http_client client{here, server.endpoint()};
        net::group others{here};
        std::string error;
        auto ask = [](net::http_client& from, std::string& to) -> net::task<> {
            const auto got = co_await from.send(get("/"), util::steady_time::max());
            to = got ? "none" : util::name(got.error().code);
        };
        others.spawn(ask(client, error));
        co_await asked.wait();
        others.cancel();
        co_await others.drain();
        CHECK(error == "cancelled");
        co_await server.finish();
    });
}

TEST_CASE("a large body goes both ways") {
    test::loopback server{test::echo_handlers()};
    test::run_coro(
        [&]() -> net::task<> {
            const auto here = co_await net::asio::this_coro::executor;
            {
                net::http_client client{here, server.endpoint()};
                const std::string body(5'000'000, 'b');
                const auto got = co_await client.send(post("/x", body), shortly());
                REQUIRE(got.has_value());
                CHECK(got->body == "POST /x " + body);
            }
            co_await server.stop();
        },
        20s
    );
}
