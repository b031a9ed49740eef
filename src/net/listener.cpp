#include "net/listener.hpp"

#include "net/http_session.hpp"
#include "net/link.hpp"
#include "net/tls_impl.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <cassert>
#include <charconv>
#include <utility>

namespace vsim::net {

namespace {

using std::chrono::steady_clock;
using util::errc;
using util::make_error;

constexpr std::uint64_t message_limit = 1ULL << 30;
constexpr auto handshake_limit = std::chrono::seconds{10};
constexpr auto close_limit = std::chrono::seconds{5};
constexpr auto accept_pause = util::milliseconds{50}; // when no descriptor is left

class link_peer final : public peer {
public:
    link_peer(stream s, upgraded start)
        : request_{std::move(start.request)},
          link_{std::make_shared<ws_link>(
              std::move(s), endpoint_role::server, message_limit, std::move(start.early)
          )} {}
    ~link_peer() override { link_->abort(); }
    link_peer(const link_peer&) = delete;
    link_peer& operator=(const link_peer&) = delete;

    task_result<std::string_view> receive() override {
        for (;;) {
            auto in = co_await link_->receive(util::steady_time::max());
            if (!in) {
                co_return in.error();
            }
            if (in->what == incoming::kind::message) {
                co_return in->payload;
            }
            if (in->what == incoming::kind::closed) {
                co_return make_error(errc::closed, "the client closed the connection");
            }
        }
    }
    task_result<> send_text(std::string_view payload) override {
        return link_->send_text(payload, true, util::steady_time::max());
    }
    task<> close() override {
        return link_->close(close_code::normal, steady_clock::now() + close_limit);
    }
    void abort() override { link_->abort(); }
    asio::any_io_executor executor() override { return link_->executor(); }
    const http_request& request() const override { return request_; }

private:
    http_request request_;
    std::shared_ptr<ws_link> link_;
};

util::result<tcp::endpoint> parse_address(const std::string& text) {
    const auto bad = [&] {
        return make_error(
            errc::bad_input,
            "not an address to listen on: '" + text + "' (IP:port, e.g. 0.0.0.0:3001)"
        );
    };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return bad();
    }
    auto host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data() + colon + 1, end, port);
    error_code ec;
    const auto ip = asio::ip::make_address(host, ec);
    if (ec || wrong != std::errc{} || stop != end) {
        return bad();
    }
    return tcp::endpoint{ip, port};
}

std::string to_text(const tcp::endpoint& e) {
    const auto ip = e.address().to_string();
    return (e.address().is_v6() ? "[" + ip + "]" : ip) + ":" + std::to_string(e.port());
}

} // namespace

struct listener::impl {
    impl(pool& p, listener_handlers h, std::optional<tls_context> t)
        : where{p}, home{p.serial_executor(0)}, handlers{std::move(h)}, tls{std::move(t)},
          acceptor{home}, running{home} {}

    util::result<void> open(const tcp::endpoint& at) {
        auto done = hold(at);
        if (done) {
            error_code ignored;
            bound = acceptor.local_endpoint(ignored);
            done = listen();
        }
        return done;
    }
    // Makes the address ours; without listen() a client is refused.
    util::result<void> hold(const tcp::endpoint& at) {
        error_code ec;
        acceptor.open(at.protocol(), ec);
        if (!ec) {
            acceptor.set_option(tcp::acceptor::reuse_address{true}, ec);
        }
        if (!ec) {
            acceptor.bind(at, ec);
        }
        return outcome(at, ec);
    }
    util::result<void> listen() {
        error_code ec;
        acceptor.listen(tcp::acceptor::max_listen_connections, ec);
        return outcome(bound, ec);
    }
    static util::result<void> outcome(const tcp::endpoint& at, const error_code& ec) {
        if (ec) {
            return make_error(errc::io, "cannot listen on " + to_text(at) + ": " + ec.message());
        }
        return {};
    }

    task<> accept_all() {
        asio::steady_timer pause{home};
        for (std::size_t key = 0; !is_stopping; ++key) {
            auto [ec, socket] = co_await acceptor.async_accept(
                where.serial_executor(key), asio::as_tuple(asio::deferred)
            );
            if (!ec) {
                auto its_executor = socket.get_executor();
                running.spawn(std::move(its_executor), serve(std::move(socket)));
            } else if (ec != asio::error::operation_aborted) {
                // Most likely out of descriptors: the connection stays in the queue, and accepting
                // it again at once would spin. Or refuse() is in force.
                pause.expires_after(accept_pause);
                co_await pause.async_wait(asio::as_tuple(asio::deferred));
            }
        }
        error_code ignored;
        acceptor.close(ignored); // from now on connections are refused
    }

    // Counts a connection for as long as it is served.
    class counted {
    public:
        explicit counted(std::atomic<std::size_t>& n) : n_{n} { ++n_; }
        ~counted() { --n_; }
        counted(const counted&) = delete;
        counted& operator=(const counted&) = delete;

    private:
        std::atomic<std::size_t>& n_;
    };

    task<> serve(tcp::socket socket) {
        if (is_stopping) {
            co_return; // accepted while stop() was cancelling the others
        }
        const counted one{connections};
        error_code ignored;
        socket.set_option(tcp::no_delay{true}, ignored);
        auto s = tls ? stream{std::move(socket), tls->native().context} : stream{std::move(socket)};
        if (s.is_tls()) {
            const watchdog dog{s.socket(), steady_clock::now() + handshake_limit};
            auto [ec] = co_await s.tls().async_handshake(
                asio::ssl::stream_base::server, asio::as_tuple(asio::deferred)
            );
            if (ec) {
                co_return;
            }
        }
        auto start = co_await serve_http(s, handlers);
        if (start) {
            auto client = std::make_shared<link_peer>(std::move(s), std::move(*start));
            start.reset();
            co_await handlers.on_websocket(client);
            client->abort();
        }
    }

    pool& where;
    asio::any_io_executor home;
    listener_handlers handlers;
    std::optional<tls_context> tls;
    tcp::acceptor acceptor; // on home
    tcp::endpoint bound;
    std::atomic<std::size_t> connections = 0;
    std::atomic<bool> is_stopping = false;
    group running;
};

listener::listener(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
listener::~listener() = default;

util::result<std::unique_ptr<listener>> listener::bind(
    pool& p, const std::string& address, listener_handlers handlers, std::optional<tls_context> tls
) {
    const auto at = parse_address(address);
    if (!at) {
        return at.error();
    }
    auto made = std::make_unique<impl>(p, std::move(handlers), std::move(tls));
    if (auto opened = made->open(*at); !opened) {
        return opened.error();
    }
    return std::unique_ptr<listener>{new listener{std::move(made)}};
}

std::string listener::address() const {
    return to_text(impl_->bound);
}

std::uint16_t listener::port() const {
    return impl_->bound.port();
}

std::size_t listener::connections() const {
    return impl_->connections;
}

void listener::start() {
    impl_->running.spawn(impl_->accept_all());
}

util::result<void> listener::refuse(bool yes) {
    if (!yes) {
        return impl_->listen();
    }
    error_code ignored;
    impl_->acceptor.close(ignored);
    return impl_->hold(impl_->bound);
}

task<> listener::stop() {
    impl_->is_stopping = true;
    impl_->running.cancel();
    return impl_->running.drain();
}

} // namespace vsim::net
