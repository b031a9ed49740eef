// What RFC 6455 asks of a client, case by case: a line names the section, says what the server
// sends, what the client makes of it and how it answers. Each runs with its bytes sent at once and
// in pieces. What the client sends of its own accord is tested in websocket.cpp.

#include "wire_case.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace vsim::test;
using namespace std::string_literals;

namespace {

using table = std::vector<wire_case>;

std::string text(std::string_view p) {
    return server_frame(0x81, p);
}
std::string binary(std::string_view p) {
    return server_frame(0x82, p);
}
std::string first(std::string_view p) { // fragments
    return server_frame(0x01, p);
}
std::string more(std::string_view p) {
    return server_frame(0x00, p);
}
std::string last(std::string_view p) {
    return server_frame(0x80, p);
}
std::string ping(std::string_view p) {
    return server_frame(0x89, p);
}
std::string pong(std::string_view p) {
    return server_frame(0x8a, p);
}
std::string bye(unsigned code, std::string_view reason = {}) {
    return server_frame(0x88, close_body(code, reason));
}

// A text that no shift and no lost byte leaves as it is.
std::string pattern(std::size_t size) {
    std::string all(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        all[i] = static_cast<char>('a' + (i + i / 251) % 23);
    }
    return all;
}

// A text in fragments of `size`, with `between` between them.
std::string cut(std::string_view p, std::size_t size, std::string_view between = {}) {
    std::string frames;
    for (unsigned op = 1;; op = 0) {
        if (p.size() <= size) {
            return frames + server_frame(op | 0x80, p);
        }
        frames += server_frame(op, p.substr(0, size));
        frames += between;
        p.remove_prefix(size);
    }
}

std::string repeated(std::string_view what, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += what;
    }
    return all;
}

std::string number(std::size_t n) {
    return std::to_string(n);
}

} // namespace

TEST_CASE("a payload of every length class is taken whole, text or binary") {
    table cases{
        taken("5.7", "an unmasked text", "\x81\x05Hello", message("Hello")),
        taken("5.7", "in two fragments", "\x01\x03Hel\x80\x02lo", message("Hello")),
        taken("5.2", "many at once", repeated(text("x"), 100), repeated(message("x"), 100)),
        refused("5.2", "125 in two bytes", "\x81\x7e\x00\x7d"s + pattern(125), 1002),
        refused("5.2", "65535 in eight", "\x82\x7f\0\0\0\0\0\0\xff\xff"s, 1002),
        refused("5.2", "the highest bit set", "\x82\x7f\x80\0\0\0\0\0\0\x01x"s, 1002),
        refused("5.1", "a masked text", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, 1002),
    };
    for (const auto size : {0U, 1U, 125U, 126U, 127U, 128U, 256U, 65535U, 65536U, 65537U}) {
        const auto p = pattern(size);
        cases.push_back(taken("5.6", number(size) + " bytes of text", text(p), message(p)));
        cases.push_back(taken("5.6", number(size) + " bytes of binary", binary(p), message(p)));
    }
    run_cases(cases);
}

TEST_CASE("pings are answered with their payload, pongs are handed out") {
    const auto longest = pattern(125);
    const auto bytes = "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"s;
    std::string pings;
    std::string pongs;
    for (char c = '0'; c <= '9'; ++c) {
        pings += ping({&c, 1});
        pongs += ponged({&c, 1});
    }
    run_cases({
        taken("5.5.2", "an empty ping", ping(""), "", ponged("")),
        taken("5.5.2", "a ping with text", ping("Hello"), "", ponged("Hello")),
        taken("5.5.2", "a ping with binary", ping(bytes), "", ponged(bytes)),
        taken("5.5", "a ping of 125 bytes", ping(longest), "", ponged(longest)),
        refused("5.5", "a ping of 126 bytes", ping(longest + "x"), 1002),
        taken("5.5.3", "ten pings, answered in order", pings, "", pongs),
        taken("5.5.2", "a ping before a text", ping("p") + text("t"), message("t"), ponged("p")),
        taken("5.5.3", "an empty pong nobody asked for", pong(""), ponged("")),
        taken("5.5.3", "a pong nobody asked for", pong("p"), ponged("p")),
        taken("5.5", "a pong of 125 bytes", pong(longest), ponged(longest)),
        refused("5.5", "a pong of 126 bytes", pong(longest + "x"), 1002),
        taken("5.5.3", "a pong, then a ping", pong("a") + ping("b"), ponged("a"), ponged("b")),
    });
}

TEST_CASE("reserved bits and opcodes end the connection, whatever frame they are on") {
    table cases;
    for (unsigned bits = 1; bits <= 7; ++bits) {
        const auto what = "reserved bits " + number(bits);
        const auto head = 0x80U | (bits << 4);
        for (const unsigned op : {0x1U, 0x2U, 0x8U, 0x9U, 0xaU}) {
            cases.push_back(refused("5.2", what, server_frame(head | op, ""), 1002));
        }
        const auto bad_text = server_frame(head | 0x1, "x");
        cases.push_back(refused("5.2", what, text("t") + bad_text, 1002, message("t")));
        cases.push_back(refused("5.2", what, first("t") + server_frame(head, "x"), 1002));
    }
    for (const unsigned op : {0x3U, 0x4U, 0x5U, 0x6U, 0x7U, 0xbU, 0xcU, 0xdU, 0xeU, 0xfU}) {
        const auto what = "opcode " + number(op);
        const auto bad = server_frame(0x80 | op, "x");
        cases.push_back(refused("5.2", what, server_frame(0x80 | op, ""), 1002));
        cases.push_back(refused("5.2", what, text("t") + bad, 1002, message("t")));
        cases.push_back(refused("5.2", what, ping("p") + bad, 1002, "", ponged("p")));
    }
    run_cases(cases);
}

TEST_CASE("fragments are joined, control frames between them taken on their own") {
    const auto be = first("be");
    const auto gin = last("gin");
    const auto begin = message("begin");
    const auto ponged_p = ponged("p");
    const auto no_close = server_frame(0x08, close_body(1000));
    run_cases({
        taken("5.4", "two fragments", be + gin, begin),
        taken("5.4", "binary", server_frame(0x02, "be") + gin, begin),
        taken("5.4", "an empty first", first("") + gin, message("gin")),
        taken("5.4", "an empty one between", be + more("") + gin, begin),
        taken("5.4", "an empty last", be + last(""), message("be")),
        taken("5.4", "nothing in three", first("") + more("") + last(""), message("")),
        taken("5.4", "a ping between", be + ping("p") + gin, begin, ponged_p),
        taken("5.4", "a pong between", be + pong("p") + gin, ponged_p + begin),
        taken("5.4", "twice", repeated(be + gin, 2), begin + begin),
        taken("5.4", "pings", cut("bytes", 1, ping("p")), message("bytes"), repeated(ponged_p, 4)),
        closes("5.4", "a close between", be + bye(1001), 1001),
        refused("5.4", "a fragmented ping", server_frame(0x09, "p") + last("q"), 1002),
        refused("5.4", "a fragmented pong", server_frame(0x0a, "p") + last("q"), 1002),
        refused("5.4", "a fragmented close", no_close + last(""), 1002),
        refused("5.4", "a last fragment alone", last("x"), 1002),
        refused("5.4", "a middle alone", more("x") + text("t"), 1002),
        refused("5.4", "more of a whole one", text("t") + last("x"), 1002, message("t")),
        refused("5.4", "more behind the last", be + gin + more("x"), 1002, begin),
        refused("5.4", "a text between", be + text("t"), 1002),
        refused("5.4", "a first between", be + first("t"), 1002),
        refused("5.4", "binary between", be + ping("p") + binary("b"), 1002, "", ponged_p),
    });
}

TEST_CASE("text is handed out as it came, UTF-8 or not") {
    const auto flag = "\xf0\x9f\x87\xa9"s;
    run_cases({
        taken("5.6", "a character of four bytes", text(flag), message(flag)),
        taken("5.6", "a character cut by fragments", cut(flag, 1), message(flag)),
        taken("5.6", "zeros", text("\0\0"s), message("\0\0"s)),
        // 8.1 has a client fail here; we leave it to the decoder (net/frame_reader.hpp).
        taken("8.1", "a byte that never occurs", text("\xff"), message("\xff")),
        taken("8.1", "a surrogate", cut("\xed\xa0\x80", 2), message("\xed\xa0\x80")),
    });
}

TEST_CASE("a close is echoed once, with its code, and nothing follows it") {
    const auto longest = pattern(123);
    const auto end = bye(1000);
    table cases{
        closes("5.5.1", "without a code", server_frame(0x88, ""), 1005),
        refused("5.5.1", "half a code", server_frame(0x88, "\x03"), 1002),
        closes("5.5.1", "a reason", bye(1001, "bye"), 1001, "bye"),
        closes("5.5.1", "a reason in UTF-8", bye(1001, "\xe2\x82\xac"), 1001, "\xe2\x82\xac"),
        closes("5.5", "a reason of 123 bytes", bye(1000, longest), 1000, longest),
        refused("5.5", "a reason of 124 bytes", bye(1000, longest + "x"), 1002),
        closes("5.5.1", "a second close", end + bye(1001), 1000),
        closes("5.5.1", "a text behind it", end + text("t"), 1000),
        closes("5.5.1", "a ping behind it", end + ping("p"), 1000),
        closes("5.5.1", "a bad frame behind it", end + server_frame(0xff, ""), 1000),
        taken("5.5.1", "a ping before it", text("t") + ping("p"), message("t"), ponged("p")),
        refused("8.1", "a surrogate", bye(1000, "\xce\xba\xed\xa0\x80"), 1007),
        refused("8.1", "half a character", bye(1000, "\xe2\x82"), 1007),
    };
    for (const auto code :
         {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U, 1014U}) {
        cases.push_back(closes("7.4.1", number(code), bye(code), code));
    }
    for (const auto code : {3000U, 3999U, 4000U, 4999U}) {
        cases.push_back(closes("7.4.2", number(code), bye(code), code));
    }
    for (const auto code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2999U, 5000U}) {
        cases.push_back(refused("7.4", number(code), bye(code, "x"), 1002));
    }
    run_cases(cases);
}

TEST_CASE("large messages come whole, however they are framed and sent") {
    const auto beyond = "\x7f\0\0\0\0\x04\0\0\x01"s; // 64 MiB and a byte
    const auto at_limit = "\x7f\0\0\0\0\x04\0\0\0"s;
    const auto most = "\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s;
    table cases{
        refused("10.4", "64 MiB and a byte", "\x81" + beyond, 1009),
        refused("10.4", "a byte, then 64 MiB", first("x") + "\x80" + at_limit, 1009),
        refused("10.4", "as much as can be said", "\x82" + most, 1009),
    };
    const auto all = pattern(16UL << 20);
    for (const auto size : {64UL << 10, 256UL << 10, 1UL << 20, 4UL << 20, 16UL << 20}) {
        const auto p = std::string_view{all}.substr(0, size);
        cases.push_back(taken("5.6", number(size) + " bytes", binary(p), message(p)));
        cases.push_back(taken("5.4", number(size) + " in 64", cut(p, size / 64), message(p)));
    }
    const auto p = std::string_view{all}.substr(0, 1 << 20);
    for (const auto size : {64UL, 1300UL, 16384UL, 65536UL}) {
        const auto what = "1 MiB in fragments of " + number(size);
        cases.push_back(taken("5.4", what, cut(p, size), message(p)));
    }
    run_cases(cases);
}

TEST_CASE("the same holds over TLS") {
    const auto p = pattern(1 << 20);
    const auto slow = cut("bytes", 1, ping("p"));
    const auto bad = server_frame(0xc1, "x");
    const table cases{
        taken("5.2", "65536 bytes", binary(pattern(65536)), message(pattern(65536))),
        taken("5.4", "pings between", slow, message("bytes"), repeated(ponged("p"), 4)),
        taken("5.4", "1 MiB in fragments", cut(p, 1300), message(p)),
        taken("5.5.3", "a pong", pong("p"), ponged("p")),
        refused("5.2", "a bad frame behind a ping", ping("p") + bad, 1002, "", ponged("p")),
        closes("5.5.1", "a close with a reason", bye(1001, "bye"), 1001, "bye"),
        closes("5.5.1", "a close without a code", server_frame(0x88, ""), 1005),
        refused("10.4", "64 MiB and a byte", "\x81\x7f\0\0\0\0\x04\0\0\x01"s, 1009),
    };
    run_cases(cases, true);
}
