#pragma once
// A server on 127.0.0.1 that does with each connection what a test says, byte by byte: frames are
// built and taken apart here on purpose, not by the code under test. TCP, or TLS for a server that
// was given a certificate. Runs on the test's own context.

#include "net/group.hpp"
#include "net/handshake.hpp"
#include "net/http.hpp"
#include "net/stream.hpp"
#include "net/tls_impl.hpp"
#include "net/websocket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vsim::test {

inline util::steady_time in(util::milliseconds d) {
    return std::chrono::steady_clock::now() + d;
}
inline util::steady_time shortly() {
    return in(std::chrono::seconds{10});
}

inline net::task<net::websocket> open(net::endpoint to, std::string path = "/") {
    auto ws = co_await net::websocket::connect(std::move(to), std::move(path), shortly());
    REQUIRE_MESSAGE(ws.has_value(), ws.error().message);
    co_return std::move(*ws);
}

// A frame as a server sends it: no mask. `first` is the whole first byte: 0x81 = a text at once.
inline std::string server_frame(unsigned first, std::string_view payload) {
    std::string f(1, static_cast<char>(first));
    if (payload.size() < 126) {
        f += static_cast<char>(payload.size());
    } else if (payload.size() < 65536) {
        f += '\x7e';
        f += static_cast<char>(payload.size() >> 8);
        f += static_cast<char>(payload.size() & 0xff);
    } else {
        f += '\x7f';
        for (int shift = 56; shift >= 0; shift -= 8) {
            f += static_cast<char>((payload.size() >> shift) & 0xff);
        }
    }
    f += payload;
    return f;
}

// "\x03\xe8" and a reason.
inline std::string close_body(unsigned code, std::string_view reason = {}) {
    std::string body{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    body += reason;
    return body;
}

// What a client sent: the first byte, and the payload with the mask taken off.
struct client_frame {
    unsigned first = 0;
    bool is_masked = false;
    std::string key, payload;
};

class raw_connection {
public:
    explicit raw_connection(net::asio::ip::tcp::socket s) : stream_{std::move(s)} {}
    explicit raw_connection(net::stream s) : stream_{std::move(s)} {}

    // Up to and with `end`; less when the peer closes first.
    net::task<std::string> read_until(std::string end) {
        while (inbox_.find(end) == std::string::npos && !ended_) {
            co_await read_more();
        }
        const auto at = inbox_.find(end);
        co_return take(at == std::string::npos ? inbox_.size() : at + end.size());
    }
    net::task<std::string> read(std::size_t size) {
        while (inbox_.size() < size && !ended_) {
            co_await read_more();
        }
        co_return take(std::min(size, inbox_.size()));
    }
    // Everything until the peer closes.
    net::task<std::string> read_rest() {
        while (!ended_) {
            co_await read_more();
        }
        co_return take(inbox_.size());
    }
    // Once the peer is gone this does nothing: Asio would wait for ever at the second write.
    net::task<> write(std::string bytes) {
        if (!is_broken_) {
            const auto [ec, n] = co_await net::asio::async_write(
                stream_, net::asio::buffer(bytes), net::asio::as_tuple(net::asio::use_awaitable)
            );
            static_cast<void>(n);
            is_broken_ = static_cast<bool>(ec);
        }
    }
    net::task<> write_in_pieces(std::string bytes, std::size_t piece) {
        socket().set_option(net::asio::ip::tcp::no_delay{true});
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            co_await write(bytes.substr(at, piece));
        }
    }
    net::task<> write_bytewise(std::string bytes) { co_await write_in_pieces(std::move(bytes), 1); }

    // Answers the client's upgrade; returns its request. `early` goes out with the answer.
    net::task<std::string> upgrade(std::string early = {}) {
        auto head = co_await read_until("\r\n\r\n");
        const std::string_view name = "Sec-WebSocket-Key: ";
        const auto at = head.find(name);
        REQUIRE(at != std::string::npos);
        const auto key = head.substr(at + name.size(), 24);
        co_await write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            net::websocket_accept(key) + "\r\n\r\n" + early
        );
        co_return head;
    }
    net::task<client_frame> read_frame() {
        client_frame f;
        const auto head = co_await read(2);
        REQUIRE(head.size() == 2);
        f.first = static_cast<unsigned char>(head[0]);
        f.is_masked = (head[1] & 0x80) != 0;
        std::uint64_t size = static_cast<unsigned char>(head[1]) & 0x7fU;
        if (size >= 126) {
            const auto longer = co_await read(size == 126 ? 2 : 8);
            size = 0;
            for (const char c : longer) {
                size = (size << 8) | static_cast<unsigned char>(c);
            }
        }
        if (f.is_masked) {
            f.key = co_await read(4);
        }
        f.payload = co_await read(size);
        REQUIRE(f.payload.size() == size);
        for (std::size_t i = 0; f.is_masked && i < size; ++i) {
            f.payload[i] = static_cast<char>(f.payload[i] ^ f.key[i % 4]);
        }
        co_return f;
    }

    net::stream& stream() { return stream_; }
    net::asio::ip::tcp::socket& socket() { return stream_.socket(); }
    void close() { stream_.drop(); }
    // RST instead of FIN.
    void reset() {
        socket().set_option(net::asio::socket_base::linger{true, 0});
        close();
    }

private:
    net::task<> read_more() {
        std::array<char, 16384> buffer;
        const auto [ec, n] = co_await stream_.async_read_some(
            net::asio::buffer(buffer), net::asio::as_tuple(net::asio::use_awaitable)
        );
        inbox_.append(buffer.data(), n);
        ended_ = static_cast<bool>(ec);
    }
    std::string take(std::size_t size) {
        auto taken = inbox_.substr(0, size);
        inbox_.erase(0, size);
        return taken;
    }

    net::stream stream_;
    std::string inbox_;
    bool ended_ = false;
    bool is_broken_ = false;
};

// Where one coroutine waits until another lets it go on.
class gate {
public:
    explicit gate(net::asio::any_io_executor where)
        : timer_{std::move(where), net::asio::steady_timer::time_point::max()} {}
    net::task<> wait() {
        if (!is_open_) {
            co_await timer_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
        }
    }
    void open() {
        is_open_ = true;
        timer_.cancel();
    }

private:
    net::asio::steady_timer timer_;
    bool is_open_ = false;
};

class raw_server {
public:
    using script = std::function<net::task<>(raw_connection&)>;

    explicit raw_server(
        net::asio::any_io_executor where, std::optional<net::tls_context> tls = std::nullopt
    )
        : running_{where}, acceptor_{where, {net::asio::ip::make_address("127.0.0.1"), 0}},
          tls_{std::move(tls)} {}

    net::endpoint endpoint() const {
        net::endpoint to;
        to.url.host = "127.0.0.1";
        to.url.port = acceptor_.local_endpoint().port();
        return to;
    }
    // The next connection runs `what`, and is closed at its end.
    void serve(script what) { running_.spawn(accept(std::move(what))); }
    // Waits for the scripts; throws what one of them threw.
    net::task<> finish() {
        co_await running_.drain();
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }
    // Connections from now on are refused.
    void refuse() { acceptor_.close(); }

private:
    net::task<> accept(script what) {
        try {
            auto socket = co_await acceptor_.async_accept(net::asio::use_awaitable);
            if (tls_) {
                net::stream secured{std::move(socket), tls_->native().context};
                co_await secured.tls().async_handshake(
                    net::stream::tls_stream::server, net::asio::use_awaitable
                );
                raw_connection c{std::move(secured)};
                co_await what(c);
            } else {
                raw_connection c{std::move(socket)};
                co_await what(c);
            }
        } catch (...) {
            failure_ = std::current_exception();
        }
    }

    net::group running_;
    net::asio::ip::tcp::acceptor acceptor_;
    std::optional<net::tls_context> tls_;
    std::exception_ptr failure_;
};

} // namespace vsim::test
