#include "net/race.hpp"

#include "net/group.hpp"
#include "net/ticker.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <stdexcept>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

net::task<> nap(net::ticker& t, util::milliseconds d, bool& ended) {
    struct note {
        bool& flag;
        ~note() { flag = true; }
    } on_exit{ended};
    co_await t.sleep_until(std::chrono::steady_clock::now() + d);
}

net::task<> at_once() {
    co_return;
}

net::task<> fail() {
    throw std::runtime_error{"a bug"};
    co_return;
}

} // namespace

TEST_CASE("race names the first to end and waits until the other has unwound") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        bool a = false;
        bool b = false;
        auto first = co_await net::race(nap(t, 1ms, a), nap(t, 1h, b));
        CHECK(first == 0);
        CHECK(a);
        CHECK(b);
        a = b = false;
        first = co_await net::race(nap(t, 1h, a), nap(t, 1ms, b));
        CHECK(first == 1);
        CHECK(a);
        CHECK(b);
        first = co_await net::race(nap(t, 1h, a), at_once());
        CHECK(first == 1);
        CHECK(t.sleepers() == 0);
    });
}

TEST_CASE("an exception of one racer ends the other and comes out") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        bool ended = false;
        std::string what;
        try {
            co_await net::race(nap(t, 1h, ended), fail());
        } catch (const std::runtime_error& e) {
            what = e.what();
        }
        CHECK(what == "a bug");
        CHECK(ended);
    });
}

TEST_CASE("cancelling the caller of race ends both racers") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        bool a = false;
        bool b = false;
        auto racing = [](net::ticker& clock, bool& x, bool& y) -> net::task<> {
            co_await net::race(nap(clock, 1h, x), nap(clock, 1h, y));
        };
        g.spawn(racing(t, a, b));
        co_await t.sleep_until(std::chrono::steady_clock::now() + 2ms);
        CHECK(t.sleepers() == 2);
        g.cancel();
        co_await g.drain();
        CHECK(a);
        CHECK(b);
    });
}
