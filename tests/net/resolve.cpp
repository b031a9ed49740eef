#include "net/resolve.hpp"

#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

util::steady_time soon() {
    return std::chrono::steady_clock::now() + 4s;
}

} // namespace

TEST_CASE("an address resolves to itself at once, whatever the deadline") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        for (const char* text : {"127.0.0.1", "203.0.113.7", "::1", "2001:db8::1"}) {
            const auto found = co_await net::resolve(here, text, util::steady_time::min());
            REQUIRE(found.has_value());
            REQUIRE(found->size() == 1);
            CHECK(found->front().to_string() == text);
        }
    });
}

TEST_CASE("localhost is found, each address once, and the second time from memory") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        const auto found = co_await net::resolve(here, "localhost", soon());
        REQUIRE_MESSAGE(found.has_value(), found.error().message);
        CHECK(std::ranges::all_of(*found, [](const auto& a) { return a.is_loopback(); }));
        auto sorted = *found;
        std::ranges::sort(sorted);
        CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
        // Nothing is asked: a lookup could not end by then.
        const auto again = co_await net::resolve(here, "localhost", util::steady_time::min());
        REQUIRE(again.has_value());
        CHECK(*again == *found);
    });
}

TEST_CASE("a name that cannot exist is unreachable and named") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        // Too long for DNS, so that no query leaves this machine.
        const std::string name = std::string(64, 'x') + ".invalid";
        const auto found = co_await net::resolve(here, name, soon());
        REQUIRE(found.has_error());
        CHECK(found.error().code == util::errc::unreachable);
        CHECK(found.error().message.starts_with("cannot resolve " + name + ": "));
    });
}
