#pragma once
// Internal to net: a WebSocket after the handshake, either end of it, over TCP or TLS. Frames go
// out in one send() and are masked straight into a buffer of the thread; what the kernel does not
// take is masked again later, so no connection keeps a write buffer. Reading uses a buffer of the
// thread too: an idle connection holds this object and the operation that waits for the peer, which
// shares the ownership; over TLS also a record's buffer. The last other owner calls abort().
// One writer and one reader at a time, at most one close (asserted). Thread-bound.

#include "net/frame_reader.hpp"
#include "net/stream.hpp"
#include "net/ticker.hpp"
#include "net/waiter.hpp"
#include "net/websocket.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::net {

class ws_link : public std::enable_shared_from_this<ws_link> {
public:
    // `early` are bytes that came with the handshake.
    ws_link(stream s, endpoint_role own, std::uint64_t message_limit, std::string early);
    ~ws_link();
    ws_link(const ws_link&) = delete;
    ws_link& operator=(const ws_link&) = delete;

    task_result<> send(opcode op, std::string_view payload, bool last, util::steady_time deadline);
    task_result<> send_text(std::string_view payload, bool last, util::steady_time deadline);
    task_result<incoming> receive(util::steady_time deadline);
    task<> close(std::uint16_t code, util::steady_time deadline);
    void abort();

    // As those of websocket.
    util::result<bool> offer(opcode op, std::string_view payload);
    util::result<bool> offer_text(std::string_view payload, std::string_view ping);
    void limit_receive_buffer();
    bool has_unsent() const { return !owed_.empty(); }
    task_result<> flush(util::steady_time deadline);
    util::result<std::optional<incoming>> poll();
    task<wake> sleep_until(ticker& t, util::steady_time due);

    asio::any_io_executor executor() { return stream_.get_executor(); }

private:
    static constexpr std::size_t tls_record = 16 * 1024;

    struct outgoing;

    class flag {
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

    // Sending (link_send.cpp). `owed_` are frames, or rests of frames, that the kernel has not
    // taken yet and nobody's coroutine holds: answers of the reader, and what was offered.
    error_code push(outgoing& f);
    util::result<bool> push_first(outgoing& f);
    util::result<bool> offer(outgoing& f);
    void answer(opcode op, std::string_view payload);
    task_result<> finish(outgoing f, util::steady_time deadline);
    task_result<> write_all(outgoing& f, util::steady_time deadline);
    task_result<> write_tls(outgoing& f, util::steady_time deadline);
    task_result<> flush_owed(util::steady_time deadline);
    task_result<> wait_for_turn(util::steady_time deadline);
    void end_turn();

    // Receiving (link_receive.cpp). One wait for the peer is under way at most; it is not called
    // off when whoever waits has had enough, and tells whoever waits then.
    util::result<std::optional<incoming>> next_event();
    util::result<std::optional<incoming>> take(std::string_view in);
    util::result<std::optional<incoming>> on_bytes(std::string_view& in);
    util::result<std::string_view> read_some();
    bool may_read() const {
        return stream_.is_tls() ? tls_have_ > 0 || tls_failure_ : is_readable_;
    }
    void arm();
    void on_readable(const error_code& ec, std::size_t n);
    void wake_reader();
    task_result<> wait_until_readable(util::steady_time deadline);
    task<> await_end(util::steady_time deadline);

    // Nothing can be sent any more.
    bool is_over() const { return close_sent_ || is_unusable_ || is_aborted_; }
    util::error failure(const error_code& ec, bool timed_out, bool is_cancelled) const;

    stream stream_;
    frame_reader reader_;
    std::string inbox_; // received, not yet taken
    std::string owed_;
    std::size_t answers_ = 0;                  // bytes of owed_, at most
    std::unique_ptr<asio::steady_timer> turn_; // the writer waits here for the reader's answer
    std::unique_ptr<char[]> tls_buffer_;
    std::size_t tls_have_ = 0; // bytes in it
    error_code tls_failure_;
    std::optional<waiter> waiting_; // in receive()
    interrupter asleep_;            // or in sleep_until()
    std::uint32_t waits_ = 0;
    int full_reads_ = 0; // one after the other
    endpoint_role own_;
    bool is_armed_ = false;
    bool is_readable_ = true; // what came with or right after the handshake nobody announces
    bool writing_ = false;
    bool receiving_ = false;
    bool closing_ = false;
    bool in_message_ = false; // between the fragments of one
    bool close_sent_ = false;
    bool close_received_ = false;
    bool is_unusable_ = false; // a frame was cut off, or the peer broke the protocol
    bool is_aborted_ = false;
};

} // namespace vsim::net
