#include "net/frame_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

using namespace vsim;
using net::opcode;

namespace {

std::string counting(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>(i * 7 + 3);
    }
    return text;
}

std::string masked_one_by_one(std::string text, const net::mask_key& key, std::uint64_t offset) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(text[i] ^ key[(offset + i) % 4]);
    }
    return text;
}

std::string header_of(opcode op, bool last, std::uint64_t size, bool masked) {
    std::optional<net::mask_key> key;
    if (masked) {
        key = net::mask_key{'K', 'E', 'Y', '!'};
    }
    return std::string{net::make_header(op, last, size, key).view()};
}

} // namespace

TEST_CASE("a header has the shortest length, its flags and the key") {
    using namespace std::string_literals;
    CHECK(header_of(opcode::text, true, 0, false) == "\x81\x00"s);
    CHECK(header_of(opcode::text, false, 125, false) == "\x01\x7d"s);
    CHECK(header_of(opcode::continuation, true, 126, false) == "\x80\x7e\x00\x7e"s);
    CHECK(header_of(opcode::binary, true, 65535, false) == "\x82\x7e\xff\xff"s);
    CHECK(
        header_of(opcode::binary, true, 65536, false) == "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s
    );
    CHECK(
        header_of(opcode::text, true, 0x0102030405060708, false) ==
        "\x81\x7f\x01\x02\x03\x04\x05\x06\x07\x08"s
    );
    CHECK(header_of(opcode::text, true, 5, true) == "\x81\x85KEY!"s);
    CHECK(header_of(opcode::text, true, 126, true) == "\x81\xfe\x00\x7eKEY!"s);
    CHECK(
        header_of(opcode::continuation, false, 65536, true) ==
        "\x00\xff\x00\x00\x00\x00\x00\x01\x00\x00KEY!"s
    );
}

TEST_CASE("masking is right for every length, place in memory and offset in the payload") {
    const net::mask_key key{'\x12', '\xff', '\x00', '\x9a'};
    const auto text = counting(300 + 8);
    for (std::size_t size = 0; size <= 300; ++size) {
        for (std::size_t shift = 0; shift < 8; ++shift) {
            const std::uint64_t offset = size + shift * 3;
            const auto from = std::string_view{text}.substr(shift, size);
            const auto expected = masked_one_by_one(std::string{from}, key, offset);
            std::string to(size + 8 + 1, '#');
            net::mask_into(to.data() + (7 - shift), from, key, offset);
            if (to.substr(7 - shift, size) != expected || to[7 - shift + size] != '#') {
                CAPTURE(size);
                CAPTURE(shift);
                FAIL_CHECK("masked wrongly");
            }
        }
    }
}

TEST_CASE("masking in place, and twice, gives the text back") {
    const auto key = net::fresh_mask_key();
    for (const std::size_t size : {0UL, 1UL, 3UL, 4UL, 31UL, 32UL, 33UL, 64UL, 1000UL}) {
        const auto text = counting(size);
        auto changed = text;
        net::mask_into(changed.data(), changed, key, 2);
        CHECK(changed == masked_one_by_one(text, key, 2));
        net::mask_into(changed.data(), changed, key, 2);
        CHECK(changed == text);
    }
}

TEST_CASE("a payload masked in pieces is the payload masked at once") {
    const net::mask_key key{'a', 'b', 'c', 'd'};
    const auto text = counting(1000);
    const auto whole = masked_one_by_one(text, key, 0);
    for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 31UL, 33UL, 999UL}) {
        std::string to(text.size(), '\0');
        for (std::size_t at = 0; at < text.size(); at += piece) {
            net::mask_into(to.data() + at, std::string_view{text}.substr(at, piece), key, at);
        }
        CHECK(to == whole);
    }
}

TEST_CASE("mask keys differ from one another") {
    std::set<net::mask_key> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(net::fresh_mask_key());
    }
    CHECK(seen.size() > 990);
}

TEST_CASE("a control frame is masked by a client and bare from a server") {
    using namespace std::string_literals;
    CHECK(net::control_frame(opcode::ping, "hi", net::endpoint_role::server) == "\x89\x02hi"s);
    CHECK(net::control_frame(opcode::pong, "", net::endpoint_role::server) == "\x8a\x00"s);
    const auto frame = net::control_frame(opcode::close, "bye", net::endpoint_role::client);
    REQUIRE(frame.size() == 9);
    CHECK(frame.substr(0, 2) == "\x88\x83"s);
    net::mask_key key;
    std::copy_n(frame.data() + 2, 4, key.begin());
    CHECK(masked_one_by_one(frame.substr(6), key, 0) == "bye");
    const auto longest =
        net::control_frame(opcode::ping, std::string(125, 'x'), net::endpoint_role::server);
    CHECK(longest == "\x89\x7d" + std::string(125, 'x'));
}

TEST_CASE("a close payload is the code and the reason, or nothing") {
    CHECK(net::close_payload(1000, "") == "\x03\xe8");
    CHECK(net::close_payload(4999, "why") == "\x13\x87why");
    CHECK(net::close_payload(net::close_code::none_given, "") == "");
}
