#include "net/connect.hpp"
#include "net/link.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace vsim::net {
namespace {

using util::errc;
using util::make_error;

constexpr std::size_t write_size = 256 * 1024;
constexpr std::size_t answers_limit = 4 * 1024; // a peer that pings and does not read gets no more

// Only between two co_awaits: another connection of this thread may be next.
char* write_scratch() {
    thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(write_size);
    return buffer.get();
}

error_code last_system_error() {
    return {errno, boost::system::system_category()};
}

bool would_block(const error_code& ec) {
    return ec == asio::error::would_block || ec == asio::error::try_again;
}

} // namespace

// A frame on its way: how much of it the kernel has. Payload and tail are the caller's.
struct ws_link::outgoing {
    frame_header head;
    std::string_view payload;
    std::string_view tail; // another frame, framed already, that goes out with this one
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

    std::size_t size() const { return head.size + payload.size() + tail.size(); }
    bool is_done() const { return sent == size(); }
    bool is_copied() const { return key || !tail.empty() || size() <= 4096; }

    // The next bytes for the wire, at most `capacity`, rendered into `to`.
    std::size_t render(char* to, std::size_t capacity) const {
        std::size_t n = 0;
        if (sent < head.size) {
            n = head.size - sent;
            std::memcpy(to, head.bytes.data() + sent, n);
        }
        const auto offset = std::min(sent + n - head.size, payload.size());
        const auto part = payload.substr(offset, capacity - n);
        if (key) {
            mask_into(to + n, part, *key, offset);
        } else {
            std::memcpy(to + n, part.data(), part.size());
        }
        n += part.size();
        if (!tail.empty() && offset + part.size() == payload.size()) {
            const auto tail_sent = sent + n - head.size - payload.size();
            const auto rest = tail.substr(tail_sent, capacity - n);
            std::memcpy(to + n, rest.data(), rest.size());
            n += rest.size();
        }
        return n;
    }
};

// Gives the kernel what it takes without blocking.
error_code ws_link::push(outgoing& f) {
    const auto fd = stream_.socket().native_handle();
    while (!f.is_done()) {
        ssize_t n = 0;
        if (f.is_copied()) {
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
            return last_system_error();
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

// The fast way. Whether the kernel has the whole frame; when it has not, it may have a part.
util::result<bool> ws_link::push_first(outgoing& f) {
    if (is_over()) {
        return make_error(errc::closed, "the connection is closed");
    }
    if (writing_ || !owed_.empty() || stream_.is_tls()) {
        return false;
    }
    const auto ec = push(f);
    if (!f.is_done() && !would_block(ec)) {
        is_unusable_ = true;
        return failure(ec, false, false);
    }
    return f.is_done();
}

task_result<>
ws_link::send(opcode op, std::string_view payload, bool last, util::steady_time deadline) {
    outgoing f{op, payload, last, own_};
    const auto pushed = push_first(f);
    if (!pushed) {
        co_return pushed.error();
    }
    if (*pushed) {
        co_return util::result<void>{};
    }
    co_return co_await finish(std::move(f), deadline);
}

util::result<bool> ws_link::offer(opcode op, std::string_view payload) {
    outgoing f{op, payload, true, own_};
    return offer(f);
}

util::result<bool> ws_link::offer_text(std::string_view payload, std::string_view ping) {
    control_buffer tail;
    outgoing f{opcode::text, payload, true, own_};
    f.tail = control_frame_into(tail, opcode::ping, ping, own_);
    return offer(f);
}

util::result<bool> ws_link::offer(outgoing& f) {
    assert(!in_message_);
    const auto pushed = push_first(f);
    if (pushed && !*pushed) {
        const auto had = owed_.size();
        owed_.resize(had + f.size() - f.sent);
        f.render(owed_.data() + had, f.size() - f.sent);
    }
    return pushed;
}

task_result<> ws_link::flush(util::steady_time deadline) {
    return finish(outgoing{std::string_view{}}, deadline);
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

// The reader holds the turn only while it answers a ping or a close.
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
    const auto buffer = std::make_unique_for_overwrite<char[]>(std::min(f.size(), tls_record)
    ); // stays while we wait
    const watchdog dog{stream_.socket(), deadline};
    while (!f.is_done()) {
        const auto size = f.render(buffer.get(), std::min(f.size(), tls_record));
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
        answers_ = 0;
        outgoing f{bytes};
        auto done = co_await write_all(f, deadline);
        if (!done) {
            co_return done;
        }
    }
    co_return util::result<void>{};
}

void ws_link::answer(opcode op, std::string_view payload) {
    if (close_sent_ || (op == opcode::pong && answers_ > answers_limit)) {
        return; // 5.5.3: an unanswered ping may be dropped when there are more
    }
    const auto frame = control_frame(op, payload, own_);
    owed_ += frame;
    answers_ += frame.size();
    if (!writing_ && !stream_.is_tls()) {
        outgoing f{owed_};
        push(f); // a failure shows again at the next operation
        owed_.erase(0, f.sent);
        answers_ = std::min(answers_, owed_.size());
    }
}

} // namespace vsim::net
