#pragma once
// Internal to net: a WebSocket after the handshake, either end of it, over TCP or TLS. Frames go
// out in one send() and are masked straight into a buffer of the thread; what the kernel does not
// take is masked again later, so no connection keeps a write buffer. Reading uses a buffer of the
// thread too: an idle connection holds this object and nothing else.
// One writer and one reader at a time, at most one close (asserted). Thread-bound.

#include "net/frame_reader.hpp"
#include "net/stream.hpp"
#include "net/websocket.hpp"

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace vsim::net {

class ws_link {
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

    asio::any_io_executor executor() { return stream_.get_executor(); }

private:
    struct outgoing;
    class flag;

    // Sending. `owed_` are control frames the reader wants sent: by itself when nobody is writing,
    // else by the writer after its frame.
    error_code push(outgoing& f);
    void answer(opcode op, std::string_view payload);
    task_result<> finish(outgoing f, util::steady_time deadline);
    task_result<> write_all(outgoing& f, util::steady_time deadline);
    task_result<> write_tls(outgoing& f, util::steady_time deadline);
    task_result<> flush_owed(util::steady_time deadline);
    task_result<> wait_for_turn(util::steady_time deadline);
    void end_turn();

    // Receiving.
    util::result<std::optional<incoming>> take(std::string_view in);
    util::result<std::optional<incoming>> on_bytes(std::string_view& in);
    task_result<std::size_t> read_tls(util::steady_time deadline);
    task<> await_end(util::steady_time deadline);

    // Nothing can be sent any more.
    bool is_over() const { return close_sent_ || is_unusable_ || is_aborted_; }
    util::error failure(const error_code& ec, bool timed_out, bool is_cancelled) const;

    stream stream_;
    frame_reader reader_;
    std::string inbox_; // received, not yet taken
    std::string owed_;
    std::unique_ptr<asio::steady_timer> turn_; // the writer waits here for the reader's answer
    std::unique_ptr<char[]> tls_buffer_;
    endpoint_role own_;
    bool writing_ = false;
    bool receiving_ = false;
    bool closing_ = false;
    bool in_message_ = false; // between the fragments of one
    bool read_was_full_ = false;
    bool close_sent_ = false;
    bool close_received_ = false;
    bool is_unusable_ = false; // a frame was cut off, or the peer broke the protocol
    bool is_aborted_ = false;
};

} // namespace vsim::net
