#pragma once
// The server side: accepts connections, parses HTTP (Beast), upgrades WebSockets (our own framing,
// as the client's: vStats's answer to an upgrade has no Server header and its text frames are not
// checked for UTF-8, neither of which Beast allows). Everything above sees plain values.
// Thread-safe unless said.

#include "net/group.hpp"
#include "net/http.hpp"
#include "net/pool.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::net {

// A server-side WebSocket. Text and binary alike, fragments joined, pings answered, close echoed,
// no compression, messages up to 1 GiB. One reader and one writer at a time. Thread-bound to its
// session, and usable only while on_websocket's task runs.
class peer {
public:
    virtual ~peer() = default;
    // The next whole message, borrowed until the next receive(); closed when the peer has gone.
    virtual task_result<std::string_view> receive() = 0;
    // Returns when the kernel has taken it; `payload` must live so long.
    virtual task_result<> send_text(std::string_view payload) = 0;
    // Close handshake with code 1000, at most 5 s long; then the connection is gone.
    virtual task<> close() = 0;
    virtual void abort() = 0; // thread-bound like the rest
    virtual asio::any_io_executor executor() = 0;
    virtual const http_request& request() const = 0; // the upgrade request
};

struct listener_handlers {
    // Runs on the connection's serial executor. Every response gets the headers of protocol.md 1.0.
    std::function<task<http_response>(http_request)> on_request;
    // Called for an upgrade whose path is_websocket accepts; the connection lives as long as the
    // task.
    std::function<task<>(std::shared_ptr<peer>)> on_websocket;
    std::function<bool(std::string_view path)> is_websocket; // without the query
};

class listener {
public:
    // Binds at once: `address` "127.0.0.1:0". Errors: bad_input (not an address), io (in use: names
    // it).
    static util::result<std::unique_ptr<listener>> bind(
        pool& p,
        const std::string& address,
        listener_handlers handlers,
        std::optional<tls_context> tls = std::nullopt
    );
    ~listener(); // stop() first if it was started

    std::string address() const; // "127.0.0.1:41234"
    std::uint16_t port() const;
    std::size_t connections() const;

    void start();
    // While refusing, the address stays ours but nobody listens: a client is refused by the kernel,
    // and those that wait to be accepted are reset. Connections stay. Thread-bound to the pool's
    // serial executor 0, not after stop(). Errors: io (somebody took the address meanwhile).
    util::result<void> refuse(bool yes);
    // Stops accepting, ends every connection where it stands (terminal cancellation), waits for
    // them. Not cut short by cancellation.
    task<> stop();

private:
    struct impl;
    explicit listener(std::unique_ptr<impl> i);
    std::unique_ptr<impl> impl_;
};

} // namespace vsim::net
