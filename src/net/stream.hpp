#pragma once
// Internal to net: a TCP or TLS byte stream behind one type, chosen at run time. Models Asio's
// AsyncReadStream and AsyncWriteStream. Thread-bound.

#include "net/task.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace vsim::net {

using asio::ip::tcp;
using boost::system::error_code;

class stream {
public:
    using executor_type = asio::any_io_executor;
    using tls_stream = asio::ssl::stream<tcp::socket>;

    explicit stream(tcp::socket socket) : tcp_{std::move(socket)} {}
    // The handshake is the caller's business.
    stream(tcp::socket socket, asio::ssl::context& context)
        : tcp_{socket.get_executor()},
          tls_{std::make_unique<tls_stream>(std::move(socket), context)} {}

    executor_type get_executor() { return socket().get_executor(); }
    tcp::socket& socket() { return tls_ ? tls_->next_layer() : tcp_; }
    bool is_tls() const { return tls_ != nullptr; }
    tls_stream& tls() { return *tls_; } // precondition: is_tls()

    void drop() {
        error_code ignored;
        socket().close(ignored);
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, const Buffers& to) {
                if (tls_) {
                    tls_->async_read_some(to, std::move(handler));
                } else {
                    tcp_.async_read_some(to, std::move(handler));
                }
            },
            token,
            buffers
        );
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, const Buffers& from) {
                if (tls_) {
                    tls_->async_write_some(from, std::move(handler));
                } else {
                    tcp_.async_write_some(from, std::move(handler));
                }
            },
            token,
            buffers
        );
    }

private:
    tcp::socket tcp_; // closed when TLS holds the socket
    std::unique_ptr<tls_stream> tls_;
};

} // namespace vsim::net
