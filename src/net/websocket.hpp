#pragma once
// A client WebSocket (RFC 6455). Beast makes the HTTP upgrade; frames are ours: header, mask and
// payload go out in one send, nothing is buffered while idle. One writer and one reader at a time,
// at most one close (asserted). Thread-bound.

#include "net/http.hpp"
#include "net/task.hpp"
#include "net/ticker.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::net {

struct incoming {
    enum class kind { message, pong, closed } what = kind::message;
    std::string_view payload; // borrowed until the next receive() or poll()
    std::uint16_t close_code =
        0; // with `closed`: 1005 when none was given, 1006 never arrives here
};

class ws_link;

class websocket {
public:
    // TCP, TLS, upgrade to `path` (after the URL's prefix). TCP_NODELAY is set. Errors:
    // unreachable, timeout, closed (during the handshake), protocol (not a 101; names the status),
    // limit (no ports).
    static task_result<websocket>
    connect(endpoint to, std::string path, util::steady_time deadline);
    ~websocket(); // aborts
    websocket(websocket&&) noexcept;
    websocket& operator=(websocket&&) noexcept;

    // One text message, or a fragment of one: `last` = false announces more. Returns when the
    // kernel has taken it; fails with timeout at `deadline` (the connection is then unusable),
    // closed otherwise.
    task_result<> send_text(std::string_view payload, bool last, util::steady_time deadline);
    task_result<> send_ping(std::string_view payload, util::steady_time deadline);

    // The next message, pong or close. Pings are answered inside. closed as an *error* = the
    // connection ended without a close frame.
    task_result<incoming> receive(util::steady_time deadline);

    // --- For a fleet, in which one coroutine an agent sends, reads and sleeps. Nothing waits, and
    // nothing is allocated, while the kernel has room.

    // One short text message. True: the kernel has all of it. False: the rest is kept, and
    // flush() is to be awaited before anything else is sent. Errors: closed.
    util::result<bool> offer_text(std::string_view payload);
    // The same, and a ping right behind it, in one piece: the peer answers it once it has handled
    // the text. `ping` has at most 125 bytes; both are free again when this returns.
    util::result<bool> offer_text(std::string_view payload, std::string_view ping);
    // Something offered, or an answer to a ping, still waits for the kernel.
    bool has_unsent() const;
    // Errors: as those of send_text.
    task_result<> flush(util::steady_time deadline);
    // The next event that has arrived already, if any. Errors: as those of receive().
    util::result<std::optional<incoming>> poll();
    // ticker::sleep_until, but ends as soon as something has arrived: poll() then, until there is
    // nothing more.
    task<wake> sleep_until(ticker& t, util::steady_time due);

    // Sends a close frame; if nobody is in receive(), also reads until the peer's close frame or
    // `deadline`, then shuts the connection down. A concurrent receive() sees the peer's close
    // itself.
    task<> close(std::uint16_t code, util::steady_time deadline);

    // Takes as little as the kernel allows until somebody reads: what a slow reader does to a
    // server.
    void limit_receive_buffer();

    // Drops the connection at once; pending operations end with `closed`.
    void abort();

private:
    explicit websocket(std::shared_ptr<ws_link> link);
    std::shared_ptr<ws_link> link_;
};

} // namespace vsim::net
