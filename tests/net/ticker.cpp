#include "net/ticker.hpp"

#include "net/group.hpp"
#include "net/pool.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

net::task<> sleep_then_add(net::ticker& t, util::steady_time due, std::string& log, char c) {
    const auto woken = co_await t.sleep_until(due);
    CHECK(steady_clock::now() >= due);
    CHECK(woken == net::wake::due);
    log += c;
}

net::task<> sleep_until_stopped(net::ticker& t, std::atomic<int>& stopped) {
    const auto woken = co_await t.sleep_until(steady_clock::now() + 1h);
    if (woken == net::wake::stopped) {
        ++stopped;
    }
}

} // namespace

TEST_CASE("sleepers resume in the order of their due times and never early") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        std::string log;
        const auto start = steady_clock::now();
        g.spawn(sleep_then_add(t, start + 30ms, log, 'd'));
        g.spawn(sleep_then_add(t, start + 12ms, log, 'b'));
        g.spawn(sleep_then_add(t, start + 12ms, log, 'c'));
        g.spawn(sleep_then_add(t, start - 5ms, log, 'a'));
        co_await g.drain();
        CHECK(log == "abcd");
    });
}

TEST_CASE("stop wakes every sleeper, now and from now on") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here};
        net::group g{here};
        std::atomic<int> stopped = 0;
        for (int i = 0; i < 100; ++i) {
            g.spawn(sleep_until_stopped(t, stopped));
        }
        co_await t.sleep_until(steady_clock::now() + 1ms);
        CHECK_FALSE(t.is_stopped());
        CHECK(stopped == 0);
        t.stop();
        CHECK(t.is_stopped());
        co_await g.drain();
        CHECK(stopped == 100);
        const auto woken = co_await t.sleep_until(steady_clock::now() + 1h);
        CHECK(woken == net::wake::stopped);
    });
}

TEST_CASE("a sleep to the end of time is a sleep until stop") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        auto forever = [](net::ticker& clock) -> net::task<> {
            const auto woken = co_await clock.sleep_until(util::steady_time::max());
            CHECK(woken == net::wake::stopped);
        };
        g.spawn(forever(t));
        co_await t.sleep_until(steady_clock::now() + 5ms);
        CHECK(t.sleepers() == 1);
        t.stop();
        co_await g.drain();
    });
}

TEST_CASE("an interrupter ends a sleep early, and does nothing when nobody sleeps") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        net::interrupter alarm;
        int interrupted = 0;
        alarm.interrupt();
        auto sleep_twice = [](net::ticker& clock, net::interrupter& by, int& n) -> net::task<> {
            for (int i = 0; i < 2; ++i) {
                const auto woken = co_await clock.sleep_until(steady_clock::now() + 1h, by);
                n += woken == net::wake::interrupted ? 1 : 0;
            }
            const auto due = co_await clock.sleep_until(steady_clock::now() + 2ms, by);
            CHECK(due == net::wake::due);
        };
        g.spawn(sleep_twice(t, alarm, interrupted));
        for (int i = 1; i <= 2; ++i) {
            co_await t.sleep_until(steady_clock::now() + 2ms);
            alarm.interrupt();
            CHECK(interrupted == i); // it went on inside the call
        }
        co_await g.drain();
        alarm.interrupt();
        CHECK(t.sleepers() == 0);
    });
}

TEST_CASE("a ticker that is gone keeps no context running") {
    // run_coro fails on work that is left behind: here a timer.
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker t{here, 1ms};
        net::group g{here};
        std::atomic<int> stopped = 0;
        g.spawn(sleep_until_stopped(t, stopped));
        co_await t.sleep_until(steady_clock::now() + 2ms);
        g.cancel();
        co_await g.drain();
        CHECK(stopped == 0);
    });
}

TEST_CASE("sleep, cancel and stop from many threads lose nobody") {
    for (const unsigned contexts : {1U, 2U}) {
        net::pool p{2, contexts};
        net::ticker t{p, 1ms};
        net::group kept{p.serial_executor(0)};
        net::group cancelled{p.serial_executor(1)};
        std::atomic<int> stopped = 0;
        std::atomic<int> naps = 0;
        auto napper = [](net::ticker& clock, std::atomic<int>& n) -> net::task<> {
            for (int i = 0; i < 1000; ++i) {
                const auto woken =
                    co_await clock.sleep_until(steady_clock::now() + util::milliseconds(i % 4));
                if (woken == net::wake::stopped) {
                    break;
                }
                ++n;
            }
        };
        for (std::size_t i = 0; i < 50; ++i) {
            kept.spawn(p.serial_executor(i), napper(t, naps));
            kept.spawn(p.serial_executor(i), sleep_until_stopped(t, stopped));
            cancelled.spawn(p.serial_executor(i), napper(t, naps));
        }
        auto director = [](net::ticker& clock, net::group& victims) -> net::task<> {
            co_await clock.sleep_until(steady_clock::now() + 20ms);
            victims.cancel();
            co_await victims.drain();
            co_await clock.sleep_until(steady_clock::now() + 20ms);
            clock.stop();
        };
        kept.spawn(p.serial_executor(3), director(t, cancelled));
        p.join();
        CHECK(stopped == 50);
        CHECK(naps > 0);
        CHECK(t.sleepers() == 0);
    }
}
