#include "net/connect.hpp"
#include "net/link.hpp"
#include "net/yield.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace vsim::net {
namespace {

using util::errc;
using util::make_error;

constexpr std::size_t read_size = 64 * 1024;
// Without looking at others and at the clock: a peer that never stops must not hold a thread.
constexpr int reads_at_once = 16;

// Only between two co_awaits: another connection of this thread may be next.
char* read_scratch() {
    thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(read_size);
    return buffer.get();
}

} // namespace

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

// What has arrived, at most a buffer full; empty when nothing has.
util::result<std::string_view> ws_link::read_some() {
    if (stream_.is_tls()) {
        if (tls_failure_) {
            is_unusable_ = true;
            return failure(tls_failure_, false, false);
        }
        return std::string_view{tls_buffer_.get(), std::exchange(tls_have_, 0)};
    }
    if (!is_readable_) {
        return std::string_view{};
    }
    const auto n =
        ::recv(stream_.socket().native_handle(), read_scratch(), read_size, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        is_unusable_ = true;
        const auto ec = n == 0 ? error_code{asio::error::eof}
                               : error_code{errno, boost::system::system_category()};
        return failure(ec, false, false);
    }
    if (n < 0) {
        is_readable_ = errno == EINTR;
        return std::string_view{};
    }
    is_readable_ = n == static_cast<ssize_t>(read_size); // else there was no more
    full_reads_ = is_readable_ ? full_reads_ + 1 : 0;
    return std::string_view{read_scratch(), static_cast<std::size_t>(n)};
}

util::result<std::optional<incoming>> ws_link::next_event() {
    reader_.release();
    if (is_aborted_ || is_unusable_ || close_received_) {
        return make_error(errc::closed, "the connection is closed");
    }
    std::string_view fresh = inbox_;
    for (int reads = 0;; ++reads) {
        if (!fresh.empty()) {
            auto event = take(fresh);
            if (!event || *event) {
                return event;
            }
        }
        if (reads == reads_at_once) {
            return std::nullopt; // there may be more: may_read() says so
        }
        const auto more = read_some();
        if (!more) {
            return more.error();
        }
        if (more->empty()) {
            return std::nullopt;
        }
        fresh = *more;
    }
}

util::result<std::optional<incoming>> ws_link::poll() {
    const flag busy{receiving_};
    auto event = next_event();
    if (event && !*event && !may_read()) {
        arm(); // else somebody who never sleeps would not hear of anything
    }
    return event;
}

task_result<incoming> ws_link::receive(util::steady_time deadline) {
    const flag busy{receiving_};
    // Of a peer that sends faster than it is read every read fills the buffer, and nothing below
    // waits. Others on this executor, like the writer of an answer, would never have their turn.
    if (full_reads_ >= reads_at_once) {
        full_reads_ = 0;
        co_await yield();
    }
    for (;;) {
        const bool was_over = is_over(); // then what is owed may stand behind a frame cut off
        const auto event = next_event();
        util::result<void> answered;
        if (!owed_.empty() && !writing_ && !was_over) {
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
        const auto ready = co_await wait_until_readable(deadline);
        if (!ready) {
            co_return ready.error();
        }
    }
}

// --- Waiting

void ws_link::arm() {
    if (is_armed_) {
        return;
    }
    is_armed_ = true;
    if (!stream_.is_tls()) {
        stream_.socket().async_wait(
            tcp::socket::wait_read,
            [self = shared_from_this()](const error_code& ec) { self->on_readable(ec, 0); }
        );
        return;
    }
    if (!tls_buffer_) {
        tls_buffer_ = std::make_unique_for_overwrite<char[]>(tls_record);
    }
    stream_.async_read_some(
        asio::buffer(tls_buffer_.get(), tls_record),
        [self = shared_from_this()](const error_code& ec, std::size_t n) {
            self->on_readable(ec, n);
        }
    );
}

// Called off is not failed: a writer that ran out of time cancels all that goes on on the socket.
void ws_link::on_readable(const error_code& ec, std::size_t n) {
    is_armed_ = false;
    is_readable_ = true;
    tls_have_ = n;
    if (ec && ec != asio::error::operation_aborted) {
        tls_failure_ = ec;
    }
    if (waiting_) {
        wake_reader();
    } else {
        asleep_.interrupt();
    }
}

void ws_link::wake_reader() {
    if (waiting_) {
        auto w = *std::exchange(waiting_, std::nullopt);
        std::move(w)();
    }
}

task_result<> ws_link::wait_until_readable(util::steady_time deadline) {
    if (may_read()) { // somebody who sends without end: others first, and the clock
        co_await yield();
        if (std::chrono::steady_clock::now() >= deadline) {
            co_return failure(asio::error::operation_aborted, true, false);
        }
        co_return util::result<void>{};
    }
    arm();
    std::optional<asio::steady_timer> alarm;
    if (deadline != util::steady_time::max()) {
        alarm.emplace(stream_.get_executor(), deadline);
        alarm->async_wait([self = shared_from_this(), mine = ++waits_](const error_code& ec) {
            if (!ec && mine == self->waits_) {
                self->wake_reader();
            }
        });
    }
    auto enlist = [this](waiter w) {
        auto slot = asio::get_associated_cancellation_slot(w);
        if (slot.is_connected()) {
            slot.assign([this](asio::cancellation_type) {
                if (waiting_) {
                    resume(*std::exchange(waiting_, std::nullopt));
                }
            });
        }
        waiting_.emplace(std::move(w));
    };
    auto woken = wait_for(std::move(enlist));
    co_await std::move(woken);
    ++waits_;
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        co_return failure(asio::error::operation_aborted, false, true);
    }
    if (!may_read() && !is_aborted_ && std::chrono::steady_clock::now() >= deadline) {
        co_return failure(asio::error::operation_aborted, true, false);
    }
    co_return util::result<void>{};
}

task<wake> ws_link::sleep_until(ticker& t, util::steady_time due) {
    if (!may_read()) {
        arm();
    }
    return t.sleep_until(may_read() ? util::steady_time::min() : due, asleep_);
}

// The server closes the TCP connection first (7.1.1), so that TIME_WAIT stays with it and not with
// our port.
task<> ws_link::await_end(util::steady_time deadline) {
    if (stream_.is_tls()) {
        co_return;
    }
    while (!is_aborted_) {
        const auto n =
            ::recv(stream_.socket().native_handle(), read_scratch(), read_size, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            co_return;
        }
        is_readable_ = n > 0;
        const auto ready = co_await wait_until_readable(deadline);
        if (!ready) {
            co_return;
        }
    }
}

} // namespace vsim::net
