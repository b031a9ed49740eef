#include "net/link.hpp"

#include "net/connect.hpp"

#include <cassert>
#include <utility>

namespace vsim::net {

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

void ws_link::limit_receive_buffer() {
    error_code ignored; // it then buffers more than it might
    stream_.socket().set_option(asio::socket_base::receive_buffer_size{1}, ignored);
}

void ws_link::abort() {
    is_aborted_ = true;
    stream_.drop();
    end_turn();
}

} // namespace vsim::net
