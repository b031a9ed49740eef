#include "net/group.hpp"

#include "net/ticker.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

util::steady_time in(util::milliseconds d) {
    return std::chrono::steady_clock::now() + d;
}

net::task<> sleep_then_add(net::ticker& t, util::milliseconds d, std::string& log, char c) {
    co_await t.sleep_until(in(d));
    log += c;
}

} // namespace

TEST_CASE("drain returns when the last task has ended") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        std::string log;
        g.spawn(sleep_then_add(t, 20ms, log, 'b'));
        g.spawn(here, sleep_then_add(t, 1ms, log, 'a'));
        CHECK(g.size() == 2);
        co_await g.drain();
        CHECK(log == "ab");
        CHECK(g.size() == 0);
        co_await g.drain(); // at once
    });
}

TEST_CASE("cancel ends tasks where they wait, and what they wait for is released") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        std::string log;
        for (int i = 0; i < 10; ++i) {
            g.spawn(sleep_then_add(t, 1h, log, 'x'));
        }
        co_await t.sleep_until(in(2ms));
        CHECK(t.sleepers() == 10);
        g.cancel();
        co_await g.drain();
        CHECK(log.empty());
        CHECK(t.sleepers() == 0);
    });
}

TEST_CASE("a cancelled task may clean up with throw_if_cancelled(false)") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group inner{here};
        net::group outer{here};
        std::string log;
        inner.spawn(sleep_then_add(t, 10ms, log, 'i'));
        auto owner = [](net::group& g, std::string& l) -> net::task<> {
            co_await net::asio::this_coro::throw_if_cancelled(false);
            co_await g.drain();
            l += 'o';
        };
        outer.spawn(owner(inner, log));
        outer.cancel();
        co_await outer.drain();
        CHECK(log == "io");
    });
}
