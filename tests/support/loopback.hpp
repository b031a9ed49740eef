#pragma once
// A listener on 127.0.0.1 with a free port and a thread of its own, for tests that need a server.

#include "net/listener.hpp"
#include "net/pool.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <utility>

namespace vsim::test {

class loopback {
public:
    explicit loopback(
        net::listener_handlers handlers,
        std::optional<net::tls_context> tls = std::nullopt,
        unsigned threads = 1,
        unsigned contexts = 1
    )
        : pool_{threads, contexts} {
        auto bound = net::listener::bind(pool_, "127.0.0.1:0", std::move(handlers), std::move(tls));
        REQUIRE_MESSAGE(bound.has_value(), "cannot listen on 127.0.0.1");
        listener_ = std::move(*bound);
        listener_->start();
    }

    net::listener& server() { return *listener_; }
    net::pool& pool() { return pool_; }
    net::endpoint endpoint() const {
        net::endpoint to;
        to.url.host = "127.0.0.1";
        to.url.port = listener_->port();
        return to;
    }
    // To be awaited before the object goes.
    net::task<> stop() { return listener_->stop(); }

private:
    net::pool pool_;
    std::unique_ptr<net::listener> listener_;
};

// Echoes every message to its sender; /close closes after the first, /abort drops it.
inline net::task<> echo(std::shared_ptr<net::peer> p) {
    const auto& target = p->request().target;
    for (;;) {
        const auto in = co_await p->receive();
        if (!in) {
            co_return;
        }
        if (target == "/ws/close") {
            co_await p->close();
            co_return;
        }
        if (target == "/ws/abort") {
            p->abort();
            co_return;
        }
        const auto sent = co_await p->send_text(*in);
        if (!sent) {
            co_return;
        }
    }
}

// WebSockets below /ws/ echo; a request is answered with its own method, target and body.
inline net::listener_handlers echo_handlers() {
    net::listener_handlers h;
    h.is_websocket = [](std::string_view path) { return path.starts_with("/ws/"); };
    h.on_websocket = echo;
    h.on_request = [](net::http_request r) -> net::task<net::http_response> {
        net::http_response out;
        out.content_type = "text/plain";
        out.body = r.method + " " + r.target + " " + r.body;
        co_return out;
    };
    return h;
}

} // namespace vsim::test
