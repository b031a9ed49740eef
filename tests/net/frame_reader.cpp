#include "net/frame_reader.hpp"

#include "raw_server.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace vsim;
using namespace std::string_literals;
using net::endpoint_role;
using net::frame_reader;
using test::close_body;
using test::server_frame;

namespace {

// The events of `bytes` as text ("text:hello", "ping:", "closed:1000 bye"), fed in pieces.
struct reading {
    std::vector<std::string> events;
    std::string error;
    std::uint16_t failure_code = 0;
};

std::string name_of(const net::frame_event& e) {
    using kind = net::frame_event::kind;
    const std::string payload{e.payload};
    switch (e.what) {
    case kind::message:
        return "message:" + payload;
    case kind::ping:
        return "ping:" + payload;
    case kind::pong:
        return "pong:" + payload;
    case kind::closed:
        return "closed:" + std::to_string(e.close_code) + " " + payload;
    }
    return "?";
}

reading read_in_pieces(
    std::string_view bytes,
    std::size_t piece,
    endpoint_role role = endpoint_role::client,
    std::uint64_t limit = 1000
) {
    frame_reader r{role, limit};
    reading done;
    while (!bytes.empty() && done.error.empty()) {
        auto in = bytes.substr(0, piece);
        bytes.remove_prefix(in.size());
        while (!in.empty() && done.error.empty()) {
            const auto event = r.feed(in);
            if (!event) {
                done.error = event.error().message;
                done.failure_code = r.failure_code();
            } else if (*event) {
                done.events.push_back(name_of(**event));
            }
        }
        r.release();
    }
    return done;
}

std::string masked(std::string frame, std::size_t head_size) {
    const std::string key = "\x01\x80\xff\x55";
    for (std::size_t i = head_size; i < frame.size(); ++i) {
        frame[i] = static_cast<char>(frame[i] ^ key[(i - head_size) % 4]);
    }
    frame[1] = static_cast<char>(frame[1] | 0x80);
    return frame.insert(head_size, key);
}

void expect_refused(const std::string& bytes, std::uint16_t code, const std::string& why) {
    CAPTURE(why);
    for (const std::size_t piece : {std::size_t{1}, bytes.size()}) {
        const auto done = read_in_pieces(bytes, piece);
        CHECK(done.events.empty());
        CHECK(done.error == why);
        CHECK(done.failure_code == code);
    }
}

} // namespace

TEST_CASE("frames are read the same wherever the bytes are cut") {
    const auto long_text = std::string(300, 'l');
    const auto bytes = server_frame(0x81, "hello") + server_frame(0x82, "") +
                       server_frame(0x89, "are you there") + server_frame(0x81, long_text) +
                       server_frame(0x8a, "") + server_frame(0x01, "one ") +
                       server_frame(0x89, "between") + server_frame(0x00, "") +
                       server_frame(0x8a, "pong") + server_frame(0x00, "two ") +
                       server_frame(0x80, "three") + server_frame(0x88, close_body(1001, "bye"));
    const std::vector<std::string> expected{
        "message:hello",
        "message:",
        "ping:are you there",
        "message:" + long_text,
        "pong:",
        "ping:between",
        "pong:pong",
        "message:one two three",
        "closed:1001 bye",
    };
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        CAPTURE(piece);
        const auto done = read_in_pieces(bytes, piece);
        CHECK(done.error == "");
        CHECK(done.events == expected);
    }
}

TEST_CASE("a server unmasks what clients send, wherever the bytes are cut") {
    const auto text = "The quick brown fox jumps over the lazy dog "s + std::string(200, '!');
    const auto bytes = masked(server_frame(0x01, text), 4) + masked(server_frame(0x89, "p"), 2) +
                       masked(server_frame(0x80, "end"), 2) + masked(server_frame(0x88, ""), 2);
    const std::vector<std::string> expected{"ping:p", "message:" + text + "end", "closed:1005 "};
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        CAPTURE(piece);
        CHECK(read_in_pieces(bytes, piece, endpoint_role::server).events == expected);
    }
}

TEST_CASE("a message of 64 bit length is read") {
    const std::string text(70'000, 'x');
    const auto bytes = server_frame(0x81, text);
    CHECK(bytes[1] == '\x7f');
    const auto done = read_in_pieces(bytes, 4096, endpoint_role::client, 70'000);
    CHECK(done.events == std::vector{"message:" + text});
}

// Every value that is forbidden is in conformance.cpp.
TEST_CASE("what RFC 6455 forbids is refused with its code and named") {
    using net::close_code::bad_payload;
    using net::close_code::protocol_error;
    using net::close_code::too_big;
    constexpr auto wrong = protocol_error;
    expect_refused(
        server_frame(0xc1, "x"), wrong, "reserved bits set, but no extension was agreed on"
    );
    expect_refused(server_frame(0x83, "x"), wrong, "unknown opcode 3");
    expect_refused(server_frame(0x09, ""), wrong, "fragmented control frame");
    expect_refused(
        server_frame(0x89, std::string(126, 'x')), wrong, "control frame above 125 bytes"
    );
    expect_refused(server_frame(0x80, "x"), wrong, "continuation of nothing");
    expect_refused(
        server_frame(0x01, "") + server_frame(0x81, "x"),
        wrong,
        "new message inside a fragmented one"
    );
    expect_refused(masked(server_frame(0x81, "x"), 2), wrong, "masked frame");
    expect_refused("\x81\x7e\x00\x7dxx"s, wrong, "length not in its shortest form");
    expect_refused("\x81\x7f\0\0\0\0\0\0\xff\xff"s, wrong, "length not in its shortest form");
    expect_refused("\x81\x7f\x80\0\0\0\0\0\0\0"s, wrong, "length beyond 63 bits");
    expect_refused(server_frame(0x81, std::string(1001, 'x')), too_big, "message above 1000 bytes");
    expect_refused(
        "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s, too_big, "message above 1000 bytes"
    );
    expect_refused(
        server_frame(0x01, std::string(600, 'x')) + server_frame(0x80, std::string(401, 'x')),
        too_big,
        "message above 1000 bytes"
    );
    expect_refused(server_frame(0x88, "\x03"), wrong, "close frame with half a code");
    expect_refused(server_frame(0x88, close_body(1005)), wrong, "close code 1005");
    expect_refused(
        server_frame(0x88, close_body(1000, "\xff")), bad_payload, "close reason is not UTF-8"
    );
}

TEST_CASE("a server refuses an unmasked frame") {
    const auto done = read_in_pieces(server_frame(0x81, "x"), 1, endpoint_role::server);
    CHECK(done.error == "unmasked frame");
    CHECK(done.failure_code == net::close_code::protocol_error);
}

TEST_CASE("a message of exactly the limit is taken, in one frame or in many") {
    const std::string half(500, 'h');
    const auto expected = std::vector{"message:" + half + half};
    CHECK(read_in_pieces(server_frame(0x81, half + half), 7).events == expected);
    CHECK(
        read_in_pieces(server_frame(0x01, half) + server_frame(0x80, half), 7).events == expected
    );
    // The limit is of a message, not of what a connection carries.
    const auto twice = server_frame(0x81, half + half) + server_frame(0x81, half + half);
    CHECK(read_in_pieces(twice, twice.size()).events.size() == 2);
}

TEST_CASE("nothing is read after a close or an error") {
    for (const auto& end : {server_frame(0x88, ""), server_frame(0x83, "")}) {
        frame_reader r{endpoint_role::client, 1000};
        const auto bytes = end + server_frame(0x81, "late");
        std::string_view in = bytes;
        static_cast<void>(r.feed(in));
        CHECK(in.empty());
        in = bytes;
        const auto after = r.feed(in);
        REQUIRE(after.has_value());
        CHECK(!after->has_value());
        CHECK(in.empty());
    }
}

TEST_CASE("is_mid_message tells a clean end from a truncation") {
    frame_reader r{endpoint_role::client, 1000};
    const auto mid_after = [&](std::string_view bytes) {
        static_cast<void>(r.feed(bytes));
        return r.is_mid_message();
    };
    CHECK(!r.is_mid_message());
    CHECK(mid_after("\x81")); // half a head
    CHECK(mid_after("\x02")); // the head, no payload
    CHECK(mid_after("h"));
    CHECK(!mid_after("i"));
    CHECK(mid_after(server_frame(0x01, "a fragment")));
    CHECK(mid_after(server_frame(0x89, "a ping")));
    CHECK(!mid_after(server_frame(0x80, "the end")));
}

TEST_CASE("release between the pieces of a control frame loses none of it") {
    frame_reader r{endpoint_role::client, 1000};
    const auto bytes = server_frame(0x01, "part ") + server_frame(0x89, "payload");
    const auto cut = bytes.size() - 3;
    auto in = std::string_view{bytes}.substr(0, cut);
    const auto first = r.feed(in);
    CHECK(!first->has_value());
    r.release();
    in = std::string_view{bytes}.substr(cut);
    const auto ping = r.feed(in);
    REQUIRE(ping->has_value());
    CHECK(name_of(**ping) == "ping:payload");
    r.release();
    const auto end = server_frame(0x80, "whole");
    in = end;
    const auto whole = r.feed(in);
    REQUIRE(whole->has_value());
    CHECK(name_of(**whole) == "message:part whole");
}
