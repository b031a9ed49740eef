#include "net/pool.hpp"

#include "net/group.hpp"
#include "net/ticker.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

struct layout {
    unsigned threads;
    unsigned contexts;
};
constexpr layout layouts[] = {{1, 1}, {2, 1}, {2, 2}, {3, 2}};

// Not atomic: only safe when the executor is serial, which is what TSan checks here.
net::task<> count(std::shared_ptr<int> n, net::ticker& t, std::atomic<int>& total) {
    for (int i = 0; i < 20; ++i) {
        ++*n;
        co_await t.sleep_until(std::chrono::steady_clock::now() + util::milliseconds(i % 3));
    }
    ++total;
}

} // namespace

TEST_CASE("tasks of one serial executor never run at the same time, whatever the pool's layout") {
    for (const auto& l : layouts) {
        CAPTURE(l.threads);
        CAPTURE(l.contexts);
        net::pool p{l.threads, l.contexts};
        CHECK(p.threads() == l.threads);
        CHECK(p.contexts() == l.contexts);
        net::ticker t{p.serial_executor(0), 1ms};
        net::group g{p.serial_executor(0)};
        std::atomic<int> total = 0;
        std::vector<std::shared_ptr<int>> counts;
        for (std::size_t key = 0; key < 8; ++key) {
            const auto where = p.serial_executor(key);
            counts.push_back(std::make_shared<int>(0));
            for (int twins = 0; twins < 3; ++twins) {
                g.spawn(where, count(counts.back(), t, total));
            }
        }
        auto finish = [](net::group& all, net::ticker& clock) -> net::task<> {
            co_await all.drain();
            clock.stop(); // the pool ends when nothing can wake anybody any more
        };
        net::group director{p.serial_executor(0)};
        director.spawn(finish(g, t));
        p.join();
        CHECK(total == 24);
        CHECK(g.size() == 0);
        for (const auto& n : counts) {
            CHECK(*n == 60);
        }
    }
}

TEST_CASE("a key always maps to the same context, and contexts are used in turn") {
    net::pool p{2, 2};
    CHECK(p.context_of(0) == 0);
    CHECK(p.context_of(1) == 1);
    CHECK(p.context_of(7) == p.context_of(5));
    CHECK(p.serial_executor(4) == p.serial_executor(2)); // one thread each: no strand
    CHECK(p.serial_executor(0) != p.serial_executor(1));

    std::promise<std::thread::id> even;
    std::promise<std::thread::id> odd;
    net::asio::post(p.serial_executor(0), [&] { even.set_value(std::this_thread::get_id()); });
    net::asio::post(p.serial_executor(1), [&] { odd.set_value(std::this_thread::get_id()); });
    CHECK(even.get_future().get() != odd.get_future().get());
}

TEST_CASE("on a shared context keys have lanes of their own, until these run out") {
    net::pool p{2, 1};
    CHECK(p.serial_executor(0) == p.serial_executor(0));
    CHECK(p.serial_executor(0) != p.serial_executor(1));
    CHECK(p.serial_executor(0) != p.serial_executor(net::pool::lanes - 1));
    CHECK(p.serial_executor(0) == p.serial_executor(net::pool::lanes));
    net::pool q{4, 2};
    CHECK(q.serial_executor(0) != q.serial_executor(2)); // on the same context
    CHECK(q.serial_executor(2) == q.serial_executor(2 + 2 * net::pool::lanes));
}

TEST_CASE("threads that nothing needs stand aside, come back under load, and end with the pool") {
    for (const unsigned contexts : {1U, 2U}) {
        net::pool p{4, contexts};
        const auto balance_until = [&](unsigned wanted) {
            const auto limit = std::chrono::steady_clock::now() + 20s;
            while (p.active() != wanted && std::chrono::steady_clock::now() < limit) {
                std::this_thread::sleep_for(5ms);
                p.balance();
            }
            return p.active();
        };
        CHECK(p.active() == 4);
        CHECK(balance_until(contexts) == contexts);
        std::atomic<int> done = 0;
        net::asio::post(p.serial_executor(0), [&] { ++done; }); // somebody is still there
        std::atomic<bool> is_over = false;
        const auto spin = [&] {
            while (!is_over) {
            }
            ++done;
        };
        for (std::size_t key = 0; key < contexts; ++key) {
            net::asio::post(p.serial_executor(key), spin);
        }
        CHECK(balance_until(4) == 4);
        is_over = true;
        CHECK(balance_until(contexts) == contexts);
        p.join(); // with threads aside
        CHECK(done == static_cast<int>(contexts) + 1);
    }
}

TEST_CASE("a handler that waits calls threads back, though no CPU is used") {
    net::pool p{2, 1};
    const auto limit = std::chrono::steady_clock::now() + 20s;
    const auto balance_until = [&](unsigned wanted) {
        while (p.active() != wanted && std::chrono::steady_clock::now() < limit) {
            std::this_thread::sleep_for(5ms);
            p.balance();
        }
        return p.active();
    };
    CHECK(balance_until(1) == 1);
    std::promise<void> over;
    net::asio::post(p.serial_executor(0), [&] { over.get_future().wait(); });
    std::promise<void> other;
    net::asio::post(p.serial_executor(1), [&] { other.set_value(); });
    CHECK(balance_until(2) == 2);
    CHECK(other.get_future().wait_until(limit) == std::future_status::ready);
    over.set_value();
}
