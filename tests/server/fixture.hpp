#pragma once
// A reference server on a free loopback port with a pool of its own, and short ways to talk to it.
// Stopped when the object goes.

#include "net/http.hpp"
#include "net/pool.hpp"
#include "net/websocket.hpp"
#include "server/server.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vsim::test {

inline util::steady_time soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds{10};
}

// A message that arrived, or "" with `closed`.
struct arrival {
    std::string text;
    bool closed = false;
};

class socket {
public:
    explicit socket(net::websocket w) : w_{std::move(w)} {}

    net::task<> send(std::string text) {
        const auto sent = co_await w_.send_text(text, true, soon());
        CHECK(sent.has_value());
    }
    // Everything the server did with earlier messages has been done when this returns; messages
    // that come before the pong are a failure.
    net::task<> fence() {
        const auto sent = co_await w_.send_ping("fence", soon());
        CHECK(sent.has_value());
        const auto got = co_await w_.receive(soon());
        REQUIRE(got.has_value());
        const std::string seen{got->payload};
        CHECK(seen == "fence");
        CHECK((got->what == net::incoming::kind::pong));
    }
    net::task<arrival> next() {
        const auto got = co_await w_.receive(soon());
        arrival a;
        a.closed = !got || got->what == net::incoming::kind::closed;
        if (got && got->what == net::incoming::kind::message) {
            a.text = got->payload;
        }
        co_return a;
    }
    net::task<std::string> ask(std::string text) {
        co_await send(std::move(text));
        const auto answer = co_await next();
        co_return answer.text;
    }
    net::task<> close() { co_await w_.close(1000, soon()); }
    void abort() { w_.abort(); }

private:
    net::websocket w_;
};

class running {
public:
    explicit running(server::options o = {}) : pool_{2, 1} {
        o.listen = "127.0.0.1:0";
        auto started = server::server::start(pool_, std::move(o));
        REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().message));
        server_ = std::move(*started);
    }
    ~running() {
        if (server_) {
            auto& context = lasting_context();
            net::asio::co_spawn(context, server_->stop(), [](std::exception_ptr e) {
                if (e) {
                    std::terminate();
                }
            });
            context.run();
        }
    }
    running(const running&) = delete;
    running& operator=(const running&) = delete;

    server::server& operator*() { return *server_; }
    server::server* operator->() { return server_.get(); }

    net::endpoint endpoint() const {
        net::endpoint to;
        to.url = util::parse_url(server_->url()).value();
        return to;
    }

    net::task<net::http_response>
    http(std::string method, std::string path, std::string body = {}, bool as_admin = true) {
        net::http_request r;
        r.method = std::move(method);
        r.target = std::move(path);
        r.body = std::move(body);
        if (as_admin) {
            r.headers.emplace_back("Authorization", "Bearer " + server_->admin_token());
        }
        co_return co_await http(std::move(r));
    }
    net::task<net::http_response> http(net::http_request r) {
        const auto where = co_await net::asio::this_coro::executor;
        net::http_client client{where, endpoint()};
        auto got = co_await client.send(std::move(r), soon());
        REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().message));
        co_return std::move(*got);
    }
    net::task<socket> connect(std::string path) {
        auto w = co_await net::websocket::connect(endpoint(), std::move(path), soon());
        REQUIRE_MESSAGE(w.has_value(), (w ? "" : w.error().message));
        co_return socket{std::move(*w)};
    }

private:
    net::pool pool_;
    std::unique_ptr<server::server> server_;
};

} // namespace vsim::test
