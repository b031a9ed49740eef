#pragma once
// Reads RFC 6455 frames from bytes cut anywhere, joins fragments, and refuses what the protocol
// forbids. Sans I/O: the caller feeds bytes and answers pings. Holds no memory between messages
// beyond itself. Text is not checked for UTF-8 (vStats does not either; the JSON decoder notices);
// close reasons are. Thread-bound.

#include "net/frame.hpp"
#include "net/frame_writer.hpp"
#include "util/error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::net {

struct frame_event {
    enum class kind { message, ping, pong, closed } what = kind::message;
    std::string_view payload;     // borrowed until the next feed() or release()
    std::uint16_t close_code = 0; // with `closed`; none_given when the frame was empty
};

class frame_reader {
public:
    // `own` is who we are: a client refuses masked frames, a server unmasked ones. Messages longer
    // than `message_limit` bytes are refused before they are stored.
    frame_reader(endpoint_role own, std::uint64_t message_limit);

    // Consumes bytes from the front of `in` until an event is complete, and returns it, or until
    // all are used up. After an error (protocol) or a close nothing more is read: the rest of `in`
    // is dropped.
    util::result<std::optional<frame_event>> feed(std::string_view& in);

    // Gives back the memory of the last event; an unfinished message stays.
    void release();

    // The code to close with, after feed() returned an error.
    std::uint16_t failure_code() const { return failure_code_; }
    // In the middle of a frame or of a fragmented message: an end now is a truncation.
    bool is_mid_message() const { return have_ > 0 || in_message_; }

private:
    enum class phase : std::uint8_t { head, payload, ended };

    util::result<void> read_head(std::string_view& in);
    util::result<void> start_frame();
    void read_payload(std::string_view& in);
    util::result<std::optional<frame_event>> finish_frame();
    util::result<frame_event> read_close() const;
    util::error fail(std::uint16_t code, std::string message);
    std::string& target() { return is_control(op_) ? control_ : message_; }

    std::string message_; // the message so far
    std::string control_; // a control frame may come between its fragments
    std::uint64_t limit_;
    std::uint64_t left_ = 0;   // payload bytes of this frame still to come
    std::uint64_t masked_ = 0; // and those that have been unmasked
    std::uint16_t failure_code_ = 0;
    endpoint_role own_;
    phase phase_ = phase::head;
    opcode op_ = opcode::continuation;
    bool is_final_ = false;
    bool in_message_ = false;    // a fragmented message is open
    bool message_given_ = false; // message_ was handed out: the next data frame starts afresh
    std::uint8_t have_ = 0;      // bytes of the head
    std::uint8_t need_ = 2;
    std::array<char, 14> head_{};
    mask_key key_{};
};

} // namespace vsim::net
