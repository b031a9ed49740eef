#include "net/frame_reader.hpp"

#include <algorithm>
#include <cstring>

namespace vsim::net {

namespace {

// Trust an announced length only so far before its bytes have come.
constexpr std::uint64_t reserve_at_most = 256 * 1024;

std::uint64_t big_endian(const char* from, unsigned size) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
        value = (value << 8) | static_cast<unsigned char>(from[i]);
    }
    return value;
}

bool is_known(std::uint8_t op) {
    return op <= 0x2 || (op >= 0x8 && op <= 0xa);
}

} // namespace

frame_reader::frame_reader(endpoint_role own, std::uint64_t message_limit)
    : limit_{message_limit}, own_{own} {}

util::error frame_reader::fail(std::uint16_t code, std::string message) {
    failure_code_ = code;
    phase_ = phase::ended;
    return util::make_error(util::errc::protocol, std::move(message));
}

void frame_reader::release() {
    if (message_given_) {
        std::string{}.swap(message_);
        message_given_ = false;
    }
    if (phase_ != phase::payload || !is_control(op_)) {
        std::string{}.swap(control_);
    }
}

util::result<std::optional<frame_event>> frame_reader::feed(std::string_view& in) {
    if (message_given_) {
        message_.clear();
        message_given_ = false;
    }
    while (phase_ != phase::ended) {
        if (phase_ == phase::head) {
            if (in.empty()) {
                return std::nullopt;
            }
            if (auto r = read_head(in); !r) {
                in = {};
                return r.error();
            }
        } else {
            read_payload(in);
            if (left_ > 0) {
                return std::nullopt;
            }
            auto event = finish_frame();
            if (!event || *event) {
                if (phase_ == phase::ended) {
                    in = {};
                }
                return event;
            }
        }
    }
    in = {};
    return std::nullopt;
}

util::result<void> frame_reader::read_head(std::string_view& in) {
    const auto n = std::min<std::size_t>(need_ - have_, in.size());
    std::memcpy(head_.data() + have_, in.data(), n);
    in.remove_prefix(n);
    have_ = static_cast<std::uint8_t>(have_ + n);
    if (have_ < need_) {
        return {};
    }
    if (have_ == 2) {
        const auto length = static_cast<unsigned char>(head_[1]) & 0x7fU;
        const bool is_masked = (head_[1] & 0x80) != 0;
        if (is_masked != (own_ == endpoint_role::server)) {
            return fail(close_code::protocol_error, is_masked ? "masked frame" : "unmasked frame");
        }
        need_ = static_cast<std::uint8_t>(
            2 +
            (length == 126   ? 2
             : length == 127 ? 8
                             : 0) +
            (is_masked ? 4 : 0)
        );
        if (have_ < need_) {
            return {};
        }
    }
    return start_frame();
}

// The head is complete: checks it and prepares for the payload.
util::result<void> frame_reader::start_frame() {
    constexpr auto wrong = close_code::protocol_error;
    const auto first = static_cast<unsigned char>(head_[0]);
    if ((first & 0x70) != 0) {
        return fail(wrong, "reserved bits set, but no extension was agreed on");
    }
    if (!is_known(first & 0x0f)) {
        return fail(wrong, "unknown opcode " + std::to_string(first & 0x0f));
    }
    op_ = static_cast<opcode>(first & 0x0f);
    is_final_ = (first & 0x80) != 0;

    std::uint64_t length = static_cast<unsigned char>(head_[1]) & 0x7fU;
    unsigned length_bytes = 0;
    if (length >= 126) {
        length_bytes = length == 126 ? 2 : 8;
        length = big_endian(&head_[2], length_bytes);
        if (length < 126 || (length_bytes == 8 && length <= 0xffff)) {
            return fail(wrong, "length not in its shortest form");
        }
        if ((length >> 63) != 0) {
            return fail(wrong, "length beyond 63 bits");
        }
    }
    if (own_ == endpoint_role::server) {
        std::memcpy(key_.data(), &head_[2 + length_bytes], key_.size());
    }
    if (is_control(op_)) {
        if (!is_final_ || length > 125) {
            return fail(
                wrong, is_final_ ? "control frame above 125 bytes" : "fragmented control frame"
            );
        }
        control_.clear();
    } else {
        if (in_message_ != (op_ == opcode::continuation)) {
            return fail(
                wrong,
                in_message_ ? "new message inside a fragmented one" : "continuation of nothing"
            );
        }
        if (length > limit_ || message_.size() > limit_ - length) {
            return fail(close_code::too_big, "message above " + std::to_string(limit_) + " bytes");
        }
        in_message_ = !is_final_;
        message_.reserve(
            message_.size() + static_cast<std::size_t>(std::min(length, reserve_at_most))
        );
    }
    left_ = length;
    masked_ = 0;
    phase_ = phase::payload;
    return {};
}

void frame_reader::read_payload(std::string_view& in) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
    auto& to = target();
    const auto before = to.size();
    to.append(in.substr(0, n));
    if (own_ == endpoint_role::server) {
        mask_into(to.data() + before, in.substr(0, n), key_, masked_);
    }
    in.remove_prefix(n);
    left_ -= n;
    masked_ += n;
}

util::result<std::optional<frame_event>> frame_reader::finish_frame() {
    phase_ = phase::head;
    have_ = 0;
    need_ = 2;
    using kind = frame_event::kind;
    switch (op_) {
    case opcode::ping:
        return frame_event{kind::ping, control_, 0};
    case opcode::pong:
        return frame_event{kind::pong, control_, 0};
    case opcode::close: {
        auto closed = read_close();
        if (!closed) {
            return fail(
                closed.error().code == util::errc::bad_input ? close_code::bad_payload
                                                             : close_code::protocol_error,
                std::move(closed.error().message)
            );
        }
        phase_ = phase::ended;
        return *closed;
    }
    default:
        if (!is_final_) {
            return std::nullopt;
        }
        message_given_ = true;
        return frame_event{kind::message, message_, 0};
    }
}

util::result<frame_event> frame_reader::read_close() const {
    frame_event event{frame_event::kind::closed, {}, close_code::none_given};
    if (control_.empty()) {
        return event;
    }
    if (control_.size() == 1) {
        return util::make_error(util::errc::protocol, "close frame with half a code");
    }
    event.close_code = static_cast<std::uint16_t>(big_endian(control_.data(), 2));
    event.payload = std::string_view{control_}.substr(2);
    if (!is_valid_on_wire(event.close_code)) {
        return util::make_error(
            util::errc::protocol, "close code " + std::to_string(event.close_code)
        );
    }
    if (!is_utf8(event.payload)) {
        return util::make_error(util::errc::bad_input, "close reason is not UTF-8");
    }
    return event;
}

} // namespace vsim::net
