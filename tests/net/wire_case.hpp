#pragma once
// A line of a conformance table, and how it is run: a scripted server sends the bytes of the line
// and must see its answers and nothing else. Thread-bound.

#include "certificate.hpp"
#include "net/websocket.hpp"
#include "raw_server.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vsim::test {

struct wire_case {
    std::string section; // of RFC 6455
    std::string what;
    std::string sent;     // by the server
    std::string received; // what receive() gives, in words
    std::string answered; // the frames that the server gets, in words
};

// --- Words

inline std::string shown(std::string_view payload) {
    if (payload.size() <= 130) {
        return std::string{payload};
    }
    return std::to_string(payload.size()) + " bytes #" +
           std::to_string(std::hash<std::string_view>{}(payload));
}
inline std::string message(std::string_view payload) {
    return "message:" + shown(payload) + " ";
}
inline std::string ponged(std::string_view payload) {
    return "pong:" + shown(payload) + " ";
}
inline std::string closed(unsigned code, std::string_view reason = {}) {
    return "closed:" + std::to_string(code) + ":" + std::string{reason} + " ";
}

inline std::string in_words(const net::incoming& got) {
    switch (got.what) {
    case net::incoming::kind::message:
        return message(got.payload);
    case net::incoming::kind::pong:
        return ponged(got.payload);
    case net::incoming::kind::closed:
        return closed(got.close_code, got.payload);
    }
    return "?";
}

inline std::string in_words(const client_frame& f) {
    const std::string words = f.is_masked ? "" : "unmasked ";
    if (f.first == 0x8a) {
        return words + ponged(f.payload);
    }
    if (f.first != 0x88 || f.payload.size() == 1) {
        return words + "first byte " + std::to_string(f.first) + " ";
    }
    if (f.payload.empty()) {
        return words + closed(1005);
    }
    const auto high = static_cast<unsigned char>(f.payload[0]);
    const auto low = static_cast<unsigned char>(f.payload[1]);
    return words + closed(high * 256U + low, f.payload.substr(2));
}

// --- Lines

using words = std::string;

// The client takes it and goes on, until the server closes.
inline wire_case
taken(words section, words what, std::string sent, words received, words answered = {}) {
    sent += server_frame(0x88, close_body(1000));
    received += closed(1000);
    answered += closed(1000);
    return {
        std::move(section),
        std::move(what),
        std::move(sent),
        std::move(received),
        std::move(answered)
    };
}

// The client ends the connection with `code`; `before` came through.
inline wire_case refused(
    words section,
    words what,
    std::string sent,
    unsigned code,
    words before = {},
    words answered = {}
) {
    before += "refused ";
    answered += closed(code);
    return {
        std::move(section), std::move(what), std::move(sent), std::move(before), std::move(answered)
    };
}

// A close frame that is taken, and echoed with its code.
inline wire_case
closes(words section, words what, std::string sent, unsigned code, std::string_view reason = {}) {
    return {
        std::move(section), std::move(what), std::move(sent), closed(code, reason), closed(code)
    };
}

// --- Running them

// Everything up to the close frame, and whether something comes after it.
inline net::task<std::string> read_answers(raw_connection& c) {
    std::string answers;
    for (;;) {
        const auto f = co_await c.read_frame();
        answers += in_words(f);
        if (f.first == 0x88) {
            break;
        }
    }
    const auto rest = co_await c.read_rest();
    co_return answers + (rest.empty() ? "" : "and more");
}

inline net::task<std::string> receive_all(net::websocket& ws) {
    std::string received;
    for (;;) {
        const auto got = co_await ws.receive(shortly());
        if (!got) {
            const bool is_refusal = got.error().code == util::errc::protocol;
            co_return received + (is_refusal ? "refused " : got.error().message);
        }
        received += in_words(*got);
        if (got->what == net::incoming::kind::closed) {
            co_return received;
        }
    }
}

// Once it has ended nothing goes either way.
inline net::task<> expect_over(net::websocket& ws, std::string name) {
    const auto late = co_await ws.receive(shortly());
    CHECK_MESSAGE((late.has_error() && late.error().code == util::errc::closed), name);
    const auto sent = co_await ws.send_text("late", true, shortly());
    CHECK_MESSAGE((sent.has_error() && sent.error().code == util::errc::closed), name);
}

// `server`, `to` and `c` outlive it.
inline net::task<>
run_case(raw_server& server, const net::endpoint& to, const wire_case& c, std::size_t piece) {
    const auto name = c.section + " " + c.what + ", in pieces of " + std::to_string(piece);
    std::string answered;
    server.serve([&](raw_connection& s) -> net::task<> {
        co_await s.upgrade();
        // What is behind the end may be neither taken nor answered.
        const auto late = server_frame(0x81, "late") + server_frame(0x89, "late");
        co_await s.write_in_pieces(c.sent + late, piece);
        answered = co_await read_answers(s);
    });
    auto ws = co_await net::websocket::connect(to, "/", shortly());
    REQUIRE_MESSAGE(ws.has_value(), ws.error().message);
    const auto received = co_await receive_all(*ws);
    CHECK_MESSAGE(received == c.received, name);
    co_await expect_over(*ws, name);
    if (received.ends_with("refused ")) {
        co_await ws->close(1000, shortly()); // nothing left to do
    } else {
        ws->abort(); // close() would wait for the server, and that waits for us
    }
    co_await server.finish();
    CHECK_MESSAGE(answered == c.answered, name);
}

// One server for all of them: every context of a test lasts to the end of the program.
inline void run_cases(const std::vector<wire_case>& cases, bool over_tls = false) {
    if (over_tls && !has_openssl()) {
        return;
    }
    const auto run = [&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        std::optional<net::tls_context> tls;
        if (over_tls) {
            tls = server_context();
        }
        raw_server server{here, tls};
        auto to = server.endpoint();
        if (over_tls) {
            to = secured(std::move(to), client_context(false));
        }
        for (const auto& c : cases) {
            co_await run_case(server, to, c, c.sent.size() + 100);
            co_await run_case(server, to, c, 1 + c.sent.size() / 200);
        }
    };
    run_coro(run, std::chrono::seconds{60});
}

} // namespace vsim::test
