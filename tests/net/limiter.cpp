#include "net/limiter.hpp"

#include "net/group.hpp"
#include "net/ticker.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <string>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

struct visit {
    net::limiter* through;
    net::ticker* pace;
    int* inside;
    int* most;
    std::string* order;
};

net::task<> come_and_go(visit v, char name) {
    co_await v.through->enter();
    *v.order += name;
    *v.most = std::max(*v.most, ++*v.inside);
    co_await v.pace->sleep_until(std::chrono::steady_clock::now() + 2ms);
    --*v.inside;
    v.through->leave();
}

} // namespace

TEST_CASE("no more than the given number are inside, and they enter in the order they came") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker pace{here, 1ms};
        net::limiter two{2};
        net::group visitors{here};
        int inside = 0;
        int most = 0;
        std::string order;
        const visit v{&two, &pace, &inside, &most, &order};
        for (const char name : std::string{"abcdefg"}) {
            visitors.spawn(come_and_go(v, name));
        }
        co_await visitors.drain();
        CHECK(order == "abcdefg");
        CHECK(most == 2);
        CHECK(inside == 0);
    });
}

TEST_CASE("waiting for emptiness ends when the last has left, and at once when nobody is inside") {
    test::run_coro([]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        net::ticker pace{here, 1ms};
        net::limiter three{3};
        co_await three.wait_until_empty();
        net::group visitors{here};
        int inside = 0;
        int most = 0;
        std::string order;
        const visit v{&three, &pace, &inside, &most, &order};
        co_await three.enter();
        for (const char name : std::string{"abcde"}) {
            visitors.spawn(come_and_go(v, name));
        }
        three.leave();
        co_await visitors.drain();
        co_await three.wait_until_empty();
        CHECK(order.size() == 5);
        CHECK(inside == 0);
    });
}
