#include "net/websocket.hpp"

#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

util::steady_time soon() {
    return steady_clock::now() + 4s;
}

net::task<net::websocket> open(net::endpoint to, std::string path) {
    auto ws = co_await net::websocket::connect(std::move(to), std::move(path), soon());
    REQUIRE_MESSAGE(ws.has_value(), ws.error().message);
    co_return std::move(*ws);
}

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + i % 23);
    }
    return text;
}

net::task<> expect_echo(net::websocket& ws, std::string text) {
    const auto sent = co_await ws.send_text(text, true, soon());
    CHECK(sent.has_value());
    const auto in = co_await ws.receive(soon());
    REQUIRE(in.has_value());
    CHECK(in->what == net::incoming::kind::message);
    CHECK(in->payload == text);
}

} // namespace

TEST_CASE("messages of every length class come back as they were sent") {
    test::loopback server{test::echo_handlers()};
    test::run_coro([&]() -> net::task<> {
        auto ws = co_await open(server.endpoint(), "/ws/echo");
        for (const std::size_t size :
             {0UL, 1UL, 125UL, 126UL, 127UL, 4095UL, 65535UL, 65536UL, 300000UL}) {
            co_await expect_echo(ws, pattern(size));
        }
        co_await ws.close(1000, soon());
        co_await server.stop();
        CHECK(server.server().connections() == 0);
    });
}
