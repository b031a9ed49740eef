#include "fleet/admin.hpp"

#include "server/fixture.hpp"
#include "support/loopback.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

constexpr const char* html = "text/html; charset=utf-8";
constexpr const char* json = "application/json; charset=utf-8";

net::http_response answer(unsigned status, std::string type, std::string body) {
    net::http_response r;
    r.status = status;
    r.content_type = std::move(type);
    r.body = std::move(body);
    return r;
}

net::listener_handlers always(net::http_response r) {
    net::listener_handlers h;
    h.on_request = [r](net::http_request) -> net::task<net::http_response> { co_return r; };
    return h;
}

// What identify() makes of a server that always answers `r`; `port` is what messages name.
struct identified {
    util::result<fleet::admin::identity> who;
    std::string peer;
};
identified identify_against(net::http_response r) {
    test::loopback l{always(std::move(r))};
    identified got;
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, l.endpoint(), "s3cret"};
        got.peer = a.peer();
        got.who = co_await a.identify();
        co_await l.stop();
    });
    return got;
}

std::vector<proto::server_fields> rows_named(const std::vector<std::string>& names) {
    std::vector<proto::server_fields> rows(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        rows[i].name = names[i];
    }
    return rows;
}

// Answers GET with an empty list and keeps the connection; ends it at a POST without an answer.
// Returns the number of POSTs when `a` is closed.
net::task<int> serve_until_post(net::asio::ip::tcp::acceptor& a) {
    constexpr auto token = net::asio::as_tuple(net::asio::use_awaitable);
    const std::string empty = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
    for (int posts = 0;;) {
        auto [refused, socket] = co_await a.async_accept(token);
        if (refused) {
            co_return posts;
        }
        for (;;) {
            std::string text;
            const auto buffer = net::asio::dynamic_buffer(text);
            auto [ec, n] = co_await async_read_until(socket, buffer, "\r\n\r\n", token);
            posts += !ec && text.starts_with("POST") ? 1 : 0;
            if (ec || text.starts_with("POST")) {
                break;
            }
            co_await async_write(socket, net::asio::buffer(empty), token);
        }
    }
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a vStats server is identified without its admin token") {
    test::running s;
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, s.endpoint(), ""};
        const auto who = co_await a.identify();
        REQUIRE(who.has_value());
        CHECK(who->version == "dev");
        CHECK(a.last_status() == 200);
    });
}

TEST_CASE("what is no vStats server is refused by what it answered") {
    struct row {
        net::http_response r;
        const char* why;
    };
    const row table[] = {
        {answer(200, html, "<!doctype html>"), "200 text/html; charset=utf-8, not JSON"},
        {answer(200, json, R"({"version":"v3)"), "not JSON"},
        {answer(200, json, "[1,2]"), "expected"},
        {answer(200, json, R"({"version":3})"), "version: expected"},
        {answer(200, json, R"({"name":"Grafana"})"), "without a version"},
        {answer(200, "", ""), "200 without a content type"},
        {answer(404, "text/plain", "404 page not found"), "404 text/plain"},
        {answer(301, html, ""), "301 text/html"},
    };
    for (const auto& r : table) {
        CAPTURE(r.why);
        const auto got = identify_against(r.r);
        REQUIRE(got.who.has_error());
        const auto& e = got.who.error();
        CHECK(e.code == util::errc::protocol);
        CHECK(e.message.find(got.peer + " is not a vStats server: ") == 0);
        CHECK_MESSAGE(holds(e.message, r.why), e.message);
    }
}

TEST_CASE("a vStats server in trouble is told from another server") {
    const auto got = identify_against(answer(500, json, R"({"error":"no disk"})"));
    REQUIRE(got.who.has_error());
    CHECK(got.who.error().code == util::errc::protocol);
    CHECK(got.who.error().message == got.peer + " answered GET /api/version with 500 (no disk)");
}

TEST_CASE("the Date header tells how far the server's clock is from ours") {
    struct row {
        const char* date;
        std::optional<std::int64_t> unix_seconds;
    };
    const row table[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Tue, 24 Nov 2026 03:46:33 GMT", 1795491993},
        {"Sunday, 06-Nov-94 08:49:37 GMT", std::nullopt},
        {"Sun Nov  6 08:49:37 1994", std::nullopt},
        {"Sun, 06 Nov 1994 08:49:37 CET", std::nullopt},
        {"Sun, 06 anF 1994 08:49:37 GMT", std::nullopt},
        {"Sun, 31 Feb 1994 08:49:37 GMT", std::nullopt},
        {"Sun, 06 Nov 1994 24:49:37 GMT", std::nullopt},
        {"Sun, -6 Nov 1994 08:49:37 GMT", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& r : table) {
        CAPTURE(r.date);
        auto reply = answer(200, json, R"({"version":"v3"})");
        reply.headers.emplace_back("date", r.date);
        const auto before = std::chrono::system_clock::now();
        const auto got = identify_against(reply);
        const auto after = std::chrono::system_clock::now();
        REQUIRE(got.who.has_value());
        CHECK(got.who->clock_offset.has_value() == r.unix_seconds.has_value());
        if (r.unix_seconds && got.who->clock_offset) {
            const auto theirs = util::from_unix_seconds(*r.unix_seconds);
            CHECK(*got.who->clock_offset >= theirs - after - 1s);
            CHECK(*got.who->clock_offset <= theirs - before + 1s);
            CHECK(*got.who->clock_offset % 1s == 0s);
        }
    }
}

TEST_CASE("a log-in gives the token that the following calls need") {
    server::options o;
    o.password = "open sesame";
    test::running s{o};
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, s.endpoint(), ""};
        const auto nobody = co_await a.verify_token();
        REQUIRE(nobody.has_error());
        CHECK(nobody.error().code == util::errc::auth);
        CHECK(holds(nobody.error().message, a.peer() + " wants an admin token"));
        const auto wrong = co_await a.log_in("open barley");
        REQUIRE(wrong.has_error());
        CHECK(wrong.error().code == util::errc::auth);
        CHECK(wrong.error().message == "the admin password was refused by " + a.peer());
        const auto token = co_await a.log_in("open sesame");
        REQUIRE(token.has_value());
        CHECK(!token->empty());
        const auto valid = co_await a.verify_token();
        CHECK(valid.has_value());
    });
}

TEST_CASE("a refused token is named with what to do, but not shown") {
    test::running s;
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, s.endpoint(), "s3cret"};
        const auto valid = co_await a.verify_token();
        REQUIRE(valid.has_error());
        CHECK(valid.error().code == util::errc::auth);
        CHECK(
            valid.error().message ==
            "the admin token was refused by " + a.peer() +
                " (accepted: a token of POST /api/auth/login, see --password-file)"
        );
        auto rows = rows_named({"one"});
        const auto imported = co_await a.import(std::move(rows));
        REQUIRE(imported.has_error());
        CHECK(imported.error().code == util::errc::auth);
        const auto removed = co_await a.remove("x");
        REQUIRE(removed.has_error());
        CHECK(removed.error().code == util::errc::auth);
    });
}

TEST_CASE("servers are imported, created, listed in order and removed") {
    test::running s;
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, s.endpoint(), s->admin_token()};
        auto rows = rows_named({"one", "", "two"});
        const auto reply = co_await a.import(std::move(rows));
        REQUIRE(reply.has_value());
        CHECK(reply->success == 2);
        CHECK(reply->failed == 1);
        CHECK(reply->errors.size() == 1);
        proto::server_fields row;
        row.name = "three";
        const auto made = co_await a.create(std::move(row));
        REQUIRE(made.has_value());
        const auto odd = co_await a.remove("no such/id\r\nX: y");
        CHECK(odd.has_value());
        const auto gone = co_await a.remove(reply->server_ids.front());
        CHECK(gone.has_value());
        const auto left = co_await a.servers();
        REQUIRE(left.has_value());
        REQUIRE(left->size() == 2);
        CHECK(left->front().fields.name == "two");
        CHECK(left->back().id == made->id);
        CHECK(!made->token.empty());
    });
}

TEST_CASE("null is a list of no servers, and a web page is no list") {
    struct row {
        net::http_response r;
        bool is_list;
    };
    const row table[] = {
        {answer(200, json, "null"), true},
        {answer(200, json, "[]"), true},
        {answer(200, html, "<html>"), false},
        {answer(204, "", ""), false},
    };
    for (const auto& r : table) {
        CAPTURE(r.r.body);
        test::loopback l{always(r.r)};
        test::run_coro([&]() -> net::task<> {
            const auto where = co_await net::asio::this_coro::executor;
            fleet::admin a{where, l.endpoint(), ""};
            const auto list = co_await a.servers();
            CHECK(list.has_value() == r.is_list);
            if (!list) {
                CHECK(list.error().code == util::errc::protocol);
            }
            co_await l.stop();
        });
    }
}

TEST_CASE("a server without import says so as not_found") {
    for (const unsigned status : {404U, 405U}) {
        test::loopback l{always(answer(status, "text/plain", "404 page not found"))};
        test::run_coro([&]() -> net::task<> {
            const auto where = co_await net::asio::this_coro::executor;
            fleet::admin a{where, l.endpoint(), "s3cret"};
            auto rows = rows_named({"one"});
            const auto reply = co_await a.import(std::move(rows));
            REQUIRE(reply.has_error());
            CHECK(reply.error().code == util::errc::not_found);
            proto::server_fields row;
            const auto made = co_await a.create(std::move(row));
            REQUIRE(made.has_error());
            CHECK(made.error().code == util::errc::protocol);
            co_await l.stop();
        });
    }
}

TEST_CASE("a message quotes the server on one line, at no great length, without our token") {
    const auto said = R"({"error":"bad s3cret\nand )" + std::string(300, 'x') + R"("})";
    test::loopback l{always(answer(400, json, said))};
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, l.endpoint(), "s3cret"};
        auto rows = rows_named({"one"});
        const auto reply = co_await a.import(std::move(rows));
        REQUIRE(reply.has_error());
        const auto& text = reply.error().message;
        CHECK(holds(text, "POST /api/servers/import with 400 (bad *** and xxx"));
        CHECK(!holds(text, "s3cret"));
        CHECK(text.size() < 300);
        const auto entered = co_await a.log_in("hush");
        REQUIRE(entered.has_error());
        CHECK(holds(entered.error().message, "answered POST /api/auth/login with 400"));
        co_await l.stop();
    });
}

TEST_CASE("the token goes only where it is needed") {
    std::vector<std::string> with_token;
    net::listener_handlers h;
    h.on_request = [&](net::http_request r) -> net::task<net::http_response> {
        if (!net::header(r, "Authorization").empty()) {
            with_token.push_back(r.method);
        }
        co_return answer(200, json, R"({"version":"v3","id":"x"})");
    };
    test::loopback l{std::move(h)};
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, l.endpoint(), "s3cret"};
        const auto who = co_await a.identify();
        CHECK(who.has_value());
        const auto list = co_await a.servers();
        CHECK(list.has_error());
        const auto gone = co_await a.remove("x");
        CHECK(gone.has_value());
        co_await l.stop();
    });
    const std::vector<std::string> expected{"DELETE"};
    CHECK(with_token == expected);
}

TEST_CASE("nobody there is unreachable, with no status") {
    net::endpoint nowhere;
    {
        test::loopback l{always(answer(200, json, "{}"))};
        nowhere = l.endpoint();
        test::run_coro([&]() -> net::task<> { co_await l.stop(); });
    }
    test::run_coro([&]() -> net::task<> {
        const auto where = co_await net::asio::this_coro::executor;
        fleet::admin a{where, nowhere, ""};
        const auto who = co_await a.identify();
        REQUIRE(who.has_error());
        CHECK(who.error().code == util::errc::unreachable);
        CHECK(a.last_status() == 0);
    });
}

TEST_CASE("what adds servers is sent once, also when a kept connection breaks") {
    test::run_coro([]() -> net::task<> {
        using net::asio::ip::tcp;
        const auto where = co_await net::asio::this_coro::executor;
        const tcp::endpoint any{net::asio::ip::address_v4::loopback(), 0};
        tcp::acceptor acceptor{where, any};
        int posts = 0;
        net::group tasks{where};
        const auto serve = [&]() -> net::task<> { posts = co_await serve_until_post(acceptor); };
        tasks.spawn(serve());
        {
            net::endpoint to;
            to.url.host = "127.0.0.1";
            to.url.port = acceptor.local_endpoint().port();
            fleet::admin a{where, to, "any"};
            const auto list = co_await a.servers();
            CHECK(list.has_value());
            auto rows = rows_named({"one"});
            const auto reply = co_await a.import(std::move(rows));
            REQUIRE(reply.has_error());
            CHECK(reply.error().code == util::errc::closed);
            CHECK(a.last_status() == 0);
        }
        acceptor.close();
        co_await tasks.drain();
        CHECK(posts == 1);
    });
}
