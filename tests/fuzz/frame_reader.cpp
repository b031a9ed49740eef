// libFuzzer entry: any bytes to net::frame_reader, and what frame_writer makes of any messages.
// The first bytes of an input choose role, limit, cuts and when memory is given back; the rest is
// the wire, and once more the list of frames to write.

#include "net/frame_reader.hpp"

#include "net/frame_writer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace vsim::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

// Takes the input apart from the front; an empty one gives zeros.
class input {
public:
    explicit input(std::string_view bytes) : rest_{bytes} {}

    bool is_empty() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }
    std::uint8_t byte() {
        if (rest_.empty()) {
            return 0;
        }
        const auto b = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return b;
    }

private:
    std::string_view rest_;
};

using kind = frame_event::kind;

struct event {
    kind what = kind::message;
    std::string payload;
    std::uint16_t close_code = 0;

    bool operator==(const event&) const = default;
};

struct reading {
    std::vector<event> events;
    std::string error;
    std::uint16_t failure_code = 0;
    bool is_mid_message = false;

    bool operator==(const reading&) const = default;
};

struct setting {
    endpoint_role reader = endpoint_role::client;
    std::uint64_t limit = 0;
    std::array<std::size_t, 4> pieces{}; // their sizes, over and over
    bool releases = false;               // whether memory is given back after every piece
};

constexpr std::array<std::uint64_t, 8> limits{0, 1, 125, 126, 300, 65535, 65536, 1'000'000};
constexpr std::array<std::size_t, 4> long_sizes{300, 65535, 65536, 70'000};

// Mostly small, around the edge at 125, rarely more: the long ones take long.
std::size_t size_from(std::uint8_t b) {
    return b < 252 ? b % 130U : long_sizes[b - 252U];
}

setting make_setting(input& in) {
    setting s;
    const auto flags = in.byte();
    s.reader = (flags & 1) != 0 ? endpoint_role::server : endpoint_role::client;
    s.releases = (flags & 2) != 0;
    s.limit = limits[(flags >> 2) % limits.size()];
    for (auto& piece : s.pieces) {
        piece = std::max<std::size_t>(1, size_from(in.byte()));
    }
    return s;
}

void check_event(const frame_event& e, std::uint64_t limit) {
    if (e.what == kind::message) {
        require(e.payload.size() <= limit, "a message keeps to the limit");
    } else {
        require(e.payload.size() <= 125, "a control frame carries at most 125 bytes");
    }
    if (e.what == kind::closed) {
        const bool is_empty = e.close_code == close_code::none_given && e.payload.empty();
        require(is_empty || is_valid_on_wire(e.close_code), "a close code may travel");
        require(is_utf8(e.payload), "a close reason is UTF-8");
    }
}

class recorder {
public:
    explicit recorder(const setting& s) : reader_{s.reader, s.limit}, limit_{s.limit} {}

    void feed(std::string_view piece) {
        // Memory of its own: whoever reads beyond it, or keeps it, is found out.
        const auto copy = std::make_unique<char[]>(piece.size());
        std::copy(piece.begin(), piece.end(), copy.get());
        std::string_view in{copy.get(), piece.size()};
        while (!in.empty()) {
            const auto before = in.size();
            const auto got = reader_.feed(in);
            if (!got) {
                require(!has_ended_, "an error comes once, and not after a close");
                require(in.empty(), "what follows an error is dropped");
                seen_.error = got.error().message;
                seen_.failure_code = reader_.failure_code();
                has_ended_ = true;
            } else if (*got) {
                require(!has_ended_, "nothing comes after the end");
                require(in.size() < before, "an event takes bytes");
                check_event(**got, limit_);
                seen_.events.push_back({(*got)->what, std::string{(*got)->payload}, 0});
                seen_.events.back().close_code = (*got)->close_code;
                has_ended_ = (*got)->what == kind::closed;
            } else {
                require(in.empty(), "without an event everything is taken");
            }
        }
    }
    void release() { reader_.release(); }
    reading result() {
        if (has_ended_) {
            feed(std::string_view{"\x81\x01x\x89\x00", 5});
        } else {
            seen_.is_mid_message = reader_.is_mid_message();
        }
        return std::move(seen_);
    }

private:
    frame_reader reader_;
    std::uint64_t limit_;
    reading seen_;
    bool has_ended_ = false;
};

reading read_whole(const setting& s, std::string_view wire) {
    recorder r{s};
    r.feed(wire);
    return r.result();
}

reading read_in_pieces(const setting& s, std::string_view wire) {
    recorder r{s};
    const auto scale = 1 + wire.size() / 8192; // a long wire byte by byte would take too long
    for (std::size_t i = 0; !wire.empty(); ++i) {
        const auto piece = wire.substr(0, scale * s.pieces[i % s.pieces.size()]);
        wire.remove_prefix(piece.size());
        r.feed(piece);
        if (s.releases) {
            r.release();
        }
    }
    return r.result();
}

reading read_both_ways(const setting& s, std::string_view wire) {
    auto whole = read_whole(s, wire);
    require(whole == read_in_pieces(s, wire), "cuts change nothing");
    const auto code = whole.failure_code;
    require(
        whole.error.empty() ? code == 0
                            : code == close_code::protocol_error ||
                                  code == close_code::bad_payload || code == close_code::too_big,
        "an error has its code"
    );
    return whole;
}

// Frames written from the input, and the events that they must come back as.
class writing {
public:
    explicit writing(endpoint_role role) : role_{role} {}

    void add_frame(input& in) {
        switch (const auto what = in.byte(); what % 8) {
        case 0:
            add_control(opcode::ping, kind::ping, in);
            break;
        case 1:
            add_control(opcode::pong, kind::pong, in);
            break;
        case 2:
            add_close(in);
            break;
        default:
            add_fragment((what & 8) == 0, (what & 16) != 0, in);
        }
    }

    bool is_full() const { return has_closed_ || wire_.size() > 70'000; }
    const std::string& wire() const { return wire_; }
    const std::vector<event>& events() const { return events_; }
    bool is_mid_message() const { return is_open_ && !has_closed_; }
    std::uint64_t longest() const { return longest_; }
    // How many events come before the first message of that length is complete, at most.
    std::size_t events_at_longest() const { return events_at_longest_; }

private:
    static std::string payload(std::size_t size, input& in) {
        std::string block(31, static_cast<char>(in.byte()));
        for (std::size_t i = 0; i < block.size(); ++i) {
            block[i] = static_cast<char>(block[i] + static_cast<char>(i));
        }
        std::string text;
        while (text.size() < size) {
            text.append(block, 0, size - text.size());
        }
        return text;
    }

    void add_control(opcode op, kind what, input& in) {
        const auto text = payload(std::min<std::size_t>(125, size_from(in.byte())), in);
        wire_ += control_frame(op, text, role_);
        events_.push_back({what, text, 0});
    }

    void add_close(input& in) {
        constexpr std::array<std::uint16_t, 4> codes{
            close_code::none_given, close_code::normal, 3000, 4999
        };
        const auto code = codes[in.byte() % codes.size()];
        const auto reason = code == close_code::none_given ? "" : std::string(in.byte() % 124, 'r');
        wire_ += control_frame(opcode::close, close_payload(code, reason), role_);
        events_.push_back({kind::closed, reason, code});
        has_closed_ = true;
    }

    void add_fragment(bool is_last, bool is_binary, input& in) {
        const auto text = payload(size_from(in.byte()), in);
        std::optional<mask_key> key;
        if (role_ == endpoint_role::client) {
            key.emplace();
            for (auto& c : *key) {
                c = static_cast<char>(in.byte());
            }
        }
        const auto op = is_open_ ? opcode::continuation : is_binary ? opcode::binary : opcode::text;
        wire_ += make_header(op, is_last, text.size(), key).view();
        const auto at = wire_.size();
        wire_ += text;
        if (key) { // in two parts, as a full kernel has it
            const auto half = text.size() / 2;
            const std::string_view all{text};
            mask_into(wire_.data() + at, all.substr(0, half), *key, 0);
            mask_into(wire_.data() + at + half, all.substr(half), *key, half);
        }
        message_ += text;
        if (message_.size() > longest_) {
            longest_ = message_.size();
            events_at_longest_ = events_.size();
        }
        is_open_ = !is_last;
        if (is_last) {
            events_.push_back({kind::message, std::exchange(message_, {}), 0});
        }
    }

    endpoint_role role_;
    std::string wire_;
    std::vector<event> events_;
    std::string message_; // the fragments so far
    std::uint64_t longest_ = 0;
    std::size_t events_at_longest_ = 0;
    bool is_open_ = false;
    bool has_closed_ = false;
};

void check_round_trip(setting s, input in) {
    writing w{s.reader == endpoint_role::client ? endpoint_role::server : endpoint_role::client};
    while (!in.is_empty() && !w.is_full()) {
        w.add_frame(in);
    }
    s.limit = w.longest();
    const auto read = read_both_ways(s, w.wire());
    require(read.error.empty(), "what we write is taken at exactly the limit");
    require(read.events == w.events(), "what we write comes back");
    require(read.is_mid_message == w.is_mid_message(), "an open message is known to be open");
    if (s.limit == 0) {
        return;
    }
    --s.limit;
    const auto refused = read_both_ways(s, w.wire());
    require(refused.failure_code == close_code::too_big, "a byte too many is refused");
    require(refused.events.size() == w.events_at_longest(), "no sooner and no later");
    require(
        std::equal(refused.events.begin(), refused.events.end(), w.events().begin()),
        "what came before it was read"
    );
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input in{{reinterpret_cast<const char*>(data), size}};
    const auto s = make_setting(in);
    read_both_ways(s, in.rest());
    check_round_trip(s, in);
    return 0;
}
