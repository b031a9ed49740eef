#include "net/link.hpp"

#include "net/connect.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace vsim::net {
namespace {

using util::errc;
using util::make_error;

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t tls_size = 16 * 1024; // a TLS record
constexpr std::size_t write_size = 256 * 1024;
constexpr std::size_t owed_limit = 4 * 1024; // a peer that pings and does not read gets no more

// Only between two co_awaits: another connection of this thread may be next.
char* read_scratch() {
    thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(read_size);
    return buffer.get();
}
char* write_scratch() {
    thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(write_size);
    return buffer.get();
}

bool would_block(const error_code& ec) {
    return ec == asio::error::would_block || ec == asio::error::try_again;
}

} // namespace

// A frame on its way: how much of head and payload the kernel has. The payload is the caller's.
struct ws_link::outgoing {
    frame_header head;
    std::string_view payload;
    std::optional<mask_key> key;
    std::size_t sent = 0;
    std::size_t at_once = write_size;

    outgoing(opcode op, std::string_view p, bool last, endpoint_role role) : payload{p} {
        if (role == endpoint_role::client) {
            key = fresh_mask_key();
        }
        head = make_header(op, last, payload.size(), key);
    }
    // Bytes as they are, framed already.
    explicit outgoing(std::string_view framed) : payload{framed} {}

    std::size_t size() const { return head.size + payload.size(); }
    bool is_done() const { return sent == size(); }

    // The next bytes for the wire, at most `capacity`, rendered into `to`.
    std::size_t render(char* to, std::size_t capacity) const {
        std::size_t n = 0;
        if (sent < head.size) {
            n = head.size - sent;
            std::memcpy(to, head.bytes.data() + sent, n);
        }
        const auto offset = sent + n - head.size;
        const auto part = payload.substr(offset, capacity - n);
        if (key) {
            mask_into(to + n, part, *key, offset);
        } else {
            std::memcpy(to + n, part.data(), part.size());
        }
        return n + part.size();
    }
};

class ws_link::flag {
public:
    explicit flag(bool& f) : flag_{f} {
        assert(!flag_ && "one reader and one writer at a time");
        flag_ = true;
    }
    ~flag() { flag_ = false; }
    flag(const flag&) = delete;
    flag& operator=(const flag&) = delete;

private:
    bool& flag_;
};

ws_link::ws_link(stream s, endpoint_role own, std::uint64_t message_limit, std::string early)
    : stream_{std::move(s)}, reader_{own, message_limit}, inbox_{std::move(early)}, own_{own} {}

ws_link::~ws_link() {
    assert(!receiving_ && !writing_ && "a connection outlives its operations");
}

util::error ws_link::failure(const error_code& ec, bool timed_out, bool is_cancelled) const {
    return talk_error(
        is_aborted_ ? asio::error::eof : ec,
        own_ == endpoint_role::client ? "the server" : "the client",
        timed_out,
        is_cancelled && !is_aborted_,
        "in time"
    );
}

// --- Sending

// Gives the kernel what it takes without blocking.
error_code ws_link::push(outgoing& f) {
    const auto fd = stream_.socket().native_handle();
    while (!f.is_done()) {
        ssize_t n = 0;
        if (f.key || f.size() <= 4096) {
            const auto size = f.render(write_scratch(), f.at_once);
            n = ::send(fd, write_scratch(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
        } else { // nothing to mask: straight from the caller's memory
            const auto head_sent = std::min<std::size_t>(f.sent, f.head.size);
            const auto body = f.payload.substr(f.sent - head_sent);
            std::array<iovec, 2> parts{
                iovec{f.head.bytes.data() + head_sent, f.head.size - head_sent},
                iovec{const_cast<char*>(body.data()), body.size()}
            };
            msghdr message{};
            message.msg_iov = parts.data();
            message.msg_iovlen = parts.size();
            n = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return {errno, boost::system::system_category()};
        }
        f.sent += static_cast<std::size_t>(n);
    }
    return {};
}

task_result<> ws_link::send_text(std::string_view payload, bool last, util::steady_time deadline) {
    const auto op = in_message_ ? opcode::continuation : opcode::text;
    in_message_ = !last;
    return send(op, payload, last, deadline);
}

task_result<>
ws_link::send(opcode op, std::string_view payload, bool last, util::steady_time deadline) {
    if (is_over()) {
        co_return make_error(errc::closed, "the connection is closed");
    }
    outgoing f{op, payload, last, own_};
    if (!writing_ && owed_.empty() && !stream_.is_tls()) {
        const auto ec = push(f);
        if (f.is_done()) {
            co_return util::result<void>{};
        }
        if (!would_block(ec)) {
            is_unusable_ = true;
            co_return failure(ec, false, false);
        }
    }
    co_return co_await finish(std::move(f), deadline);
}

// The slow way: somebody else is writing, or the kernel is full, or it is TLS.
task_result<> ws_link::finish(outgoing f, util::steady_time deadline) {
    if (writing_) { // then nothing of `f` has been sent
        auto turn = co_await wait_for_turn(deadline);
        if (!turn) {
            co_return turn;
        }
    }
    util::result<void> done;
    {
        const flag busy{writing_};
        if (f.sent == 0 && !owed_.empty()) {
            done = co_await flush_owed(deadline);
        }
        if (done && f.sent == 0 && is_over()) { // since we began to wait
            done = make_error(errc::closed, "the connection is closed");
        }
        if (done) {
            done = co_await write_all(f, deadline);
        }
        if (done && !owed_.empty()) {
            done = co_await flush_owed(deadline);
        }
    }
    end_turn();
    co_return done;
}

// The reader holds the turn only while it answers a ping.
task_result<> ws_link::wait_for_turn(util::steady_time deadline) {
    while (writing_) {
        if (!turn_) {
            turn_ = std::make_unique<asio::steady_timer>(stream_.get_executor());
        }
        turn_->expires_at(deadline);
        co_await turn_->async_wait(asio::as_tuple(asio::deferred));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            co_return cancelled_error();
        }
        if (writing_ && std::chrono::steady_clock::now() >= deadline) {
            co_return make_error(errc::timeout, "the server takes no more data");
        }
    }
    co_return util::result<void>{};
}

void ws_link::end_turn() {
    if (turn_) {
        turn_->cancel();
    }
}

// Under the turn. A frame that is not sent whole makes the connection useless.
task_result<> ws_link::write_all(outgoing& f, util::steady_time deadline) {
    if (stream_.is_tls()) {
        co_return co_await write_tls(f, deadline);
    }
    while (!is_aborted_) {
        const auto ec = push(f);
        if (f.is_done()) {
            co_return util::result<void>{};
        }
        if (!would_block(ec)) {
            is_unusable_ = true;
            co_return failure(ec, false, false);
        }
        f.at_once = write_size / 4; // the peer is slow: mask less in vain
        const watchdog dog{stream_.socket(), deadline};
        auto [failed] = co_await stream_.socket().async_wait(
            tcp::socket::wait_write, asio::as_tuple(asio::deferred)
        );
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool is_cancelled = state.cancelled() != asio::cancellation_type::none;
        if (failed &&
            (dog.has_fired() || is_cancelled || failed != asio::error::operation_aborted)) {
            is_unusable_ = true;
            co_return failure(failed, dog.has_fired(), is_cancelled);
        } // else ready, or the reader's deadline hit us: look again
    }
    co_return failure(asio::error::eof, false, false);
}

task_result<> ws_link::write_tls(outgoing& f, util::steady_time deadline) {
    const auto buffer =
        std::make_unique_for_overwrite<char[]>(std::min(f.size(), tls_size)); // stays while we wait
    const watchdog dog{stream_.socket(), deadline};
    while (!f.is_done()) {
        const auto size = f.render(buffer.get(), std::min(f.size(), tls_size));
        const auto ready = asio::buffer(buffer.get(), size);
        auto [ec, n] = co_await stream_.async_write_some(ready, asio::as_tuple(asio::deferred));
        if (ec) {
            const auto state = co_await asio::this_coro::cancellation_state;
            is_unusable_ = true;
            co_return failure(
                ec, dog.has_fired(), state.cancelled() != asio::cancellation_type::none
            );
        }
        f.sent += n;
    }
    co_return util::result<void>{};
}

// Under the turn.
task_result<> ws_link::flush_owed(util::steady_time deadline) {
    while (!owed_.empty()) {
        const auto bytes = std::exchange(owed_, {});
        outgoing f{bytes};
        auto done = co_await write_all(f, deadline);
        if (!done) {
            co_return done;
        }
    }
    co_return util::result<void>{};
}

void ws_link::answer(opcode op, std::string_view payload) {
    if (close_sent_ || (op == opcode::pong && owed_.size() > owed_limit)) {
        return; // 5.5.3: an unanswered ping may be dropped when there are more
    }
    owed_ += control_frame(op, payload, own_);
    if (!writing_ && !stream_.is_tls()) {
        outgoing f{owed_};
        push(f); // a failure shows again at the next operation
        owed_.erase(0, f.sent);
    }
}

// --- Receiving

// Runs bytes through the reader up to the first event that concerns the caller.
util::result<std::optional<incoming>> ws_link::on_bytes(std::string_view& in) {
    for (;;) {
        auto event = reader_.feed(in);
        if (!event) {
            answer(opcode::close, close_payload(reader_.failure_code(), {}));
            close_sent_ = is_unusable_ = true;
            return event.error();
        }
        if (!*event) {
            return std::nullopt;
        }
        const auto& e = **event;
        switch (e.what) {
        case frame_event::kind::ping:
            answer(opcode::pong, e.payload);
            break;
        case frame_event::kind::pong:
            return incoming{incoming::kind::pong, e.payload, 0};
        case frame_event::kind::message:
            return incoming{incoming::kind::message, e.payload, 0};
        case frame_event::kind::closed:
            close_received_ = true;
            answer(opcode::close, close_payload(e.close_code, {}));
            close_sent_ = true;
            return incoming{incoming::kind::closed, e.payload, e.close_code};
        }
    }
}

// Takes from `in`, keeping in the inbox what comes after the event.
util::result<std::optional<incoming>> ws_link::take(std::string_view in) {
    auto event = on_bytes(in);
    if (in.empty()) {
        std::string{}.swap(inbox_); // memory matters more than the next allocation
    } else if (in.data() >= inbox_.data() && in.data() < inbox_.data() + inbox_.size()) {
        inbox_.erase(0, inbox_.size() - in.size());
    } else {
        inbox_.assign(in);
    }
    return event;
}

task_result<incoming> ws_link::receive(util::steady_time deadline) {
    const flag busy{receiving_};
    reader_.release();
    if (is_aborted_ || is_unusable_ || close_received_) {
        co_return make_error(errc::closed, "the connection is closed");
    }
    std::string_view fresh = inbox_;
    for (;;) {
        if (!fresh.empty()) {
            auto event = take(fresh);
            util::result<void> answered;
            if (!owed_.empty() && !writing_) {
                const flag turn{writing_};
                answered = co_await flush_owed(deadline);
            }
            end_turn();
            if (!event) {
                co_return event.error();
            }
            if (*event) {
                co_return **event;
            }
            if (!answered) {
                co_return answered.error(); // out of time or cancelled: reading on might never end
            }
        }
        if (stream_.is_tls()) {
            auto n = co_await read_tls(deadline);
            if (!n) {
                co_return n.error();
            }
            fresh = {tls_buffer_.get(), *n};
            continue;
        }
        if (!read_was_full_) {
            const watchdog dog{stream_.socket(), deadline};
            auto [ec] = co_await stream_.socket().async_wait(
                tcp::socket::wait_read, asio::as_tuple(asio::deferred)
            );
            const auto state = co_await asio::this_coro::cancellation_state;
            const bool is_cancelled = state.cancelled() != asio::cancellation_type::none;
            if (is_aborted_ || (ec && (dog.has_fired() || is_cancelled))) {
                co_return failure(ec, dog.has_fired(), is_cancelled);
            }
        }
        const auto n =
            ::recv(stream_.socket().native_handle(), read_scratch(), read_size, MSG_DONTWAIT);
        read_was_full_ = n == static_cast<ssize_t>(read_size);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            is_unusable_ = true;
            const auto ec = n == 0 ? error_code{asio::error::eof}
                                   : error_code{errno, boost::system::system_category()};
            co_return failure(ec, false, false);
        }
        fresh = {read_scratch(), n > 0 ? static_cast<std::size_t>(n) : 0};
    }
}

task_result<std::size_t> ws_link::read_tls(util::steady_time deadline) {
    if (!tls_buffer_) {
        tls_buffer_ = std::make_unique_for_overwrite<char[]>(tls_size);
    }
    const watchdog dog{stream_.socket(), deadline};
    const auto to = asio::buffer(tls_buffer_.get(), tls_size);
    auto [ec, n] = co_await stream_.async_read_some(to, asio::as_tuple(asio::deferred));
    if (ec) {
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool is_cancelled = state.cancelled() != asio::cancellation_type::none;
        is_unusable_ = !dog.has_fired() && !is_cancelled; // called off: the stream is as it was
        co_return failure(ec, dog.has_fired(), is_cancelled);
    }
    co_return n;
}

// --- Closing

task<> ws_link::close(std::uint16_t code, util::steady_time deadline) {
    assert(!closing_ && "at most one close");
    closing_ = true;
    if (!close_sent_ && !is_unusable_ && !is_aborted_) {
        const auto payload = close_payload(code, {});
        const auto sent = co_await send(opcode::close, payload, true, deadline);
        close_sent_ = true;
        is_unusable_ = is_unusable_ || !sent;
    }
    if (receiving_) {
        co_return; // the reader sees the peer's close
    }
    while (!close_received_ && !is_unusable_ && !is_aborted_) {
        const auto event = co_await receive(deadline);
        if (!event) {
            break;
        }
    }
    if (own_ == endpoint_role::client && close_received_) {
        co_await await_end(deadline);
    }
    abort();
}

// The server closes the TCP connection first (7.1.1), so that TIME_WAIT stays with it and not with
// our port.
task<> ws_link::await_end(util::steady_time deadline) {
    if (is_aborted_ || stream_.is_tls()) {
        co_return;
    }
    const watchdog dog{stream_.socket(), deadline};
    for (;;) {
        auto [ec] = co_await stream_.socket().async_wait(
            tcp::socket::wait_read, asio::as_tuple(asio::deferred)
        );
        if (ec || is_aborted_) {
            co_return;
        }
        const auto n =
            ::recv(stream_.socket().native_handle(), read_scratch(), read_size, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            co_return;
        }
    }
}

void ws_link::abort() {
    is_aborted_ = true;
    stream_.drop();
    end_turn();
}

} // namespace vsim::net
