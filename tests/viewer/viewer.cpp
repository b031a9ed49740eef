#include "viewer/viewer.hpp"

#include "net/group.hpp"
#include "net/ticker.hpp"
#include "planted_fleet.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

namespace {

// A dashboard's server: connection n is sent the texts that `script` has for it. The last stays
// open, the others are closed.
struct fake_dashboard {
    std::vector<std::vector<std::string>> script;
    std::atomic<std::size_t> connections = 0;
    std::atomic<std::size_t> closed_by_viewer = 0;

    net::listener_handlers handlers() {
        net::listener_handlers h;
        h.is_websocket = [](std::string_view path) { return path == "/ws"; };
        h.on_websocket = [this](std::shared_ptr<net::peer> p) { return serve(std::move(p)); };
        h.on_request = [](net::http_request) -> net::task<net::http_response> {
            co_return net::http_response{};
        };
        return h;
    }

private:
    net::task<> serve(std::shared_ptr<net::peer> p) {
        const auto n = connections++;
        for (const auto& text : script[std::min(n, script.size() - 1)]) {
            const auto sent = co_await p->send_text(text);
            CHECK(sent.has_value());
        }
        if (n + 1 < script.size()) {
            co_await p->close();
            co_return;
        }
        for (;;) {
            const auto ignored = co_await p->receive();
            if (!ignored) {
                break;
            }
        }
        ++closed_by_viewer;
    }
};

net::task<> until(net::ticker& t, std::function<bool()> is_met) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!is_met() && std::chrono::steady_clock::now() < deadline) {
        const auto next = std::chrono::steady_clock::now() + 10ms;
        co_await t.sleep_until(next);
    }
    CHECK(is_met());
}

} // namespace

TEST_CASE("a viewer shows what comes, connects again after an end, and leaves at the stop") {
    // It began 19 s ago. All that it has sent is shown: nothing is overdue in the end.
    const auto anchor = util::clock_anchor::now();
    planted_fleet fleet{2, anchor.wall - 19s};
    fleet.send(0, 0, 18);
    fleet.send(1, 0, 14, -60);
    fake_dashboard server;
    server.script = {
        {R"({"type":"stream_init","total_servers":2})",
         server_of(0, 11),
         server_of(1, 11),
         R"({"type":"stream_end"})",
         "garbage",
         delta_of({entry_of(0, 13), entry_of(7, 1)})},
        {server_of(0, 16),
         server_of(1, 12),
         delta_of({entry_of(0, 18), entry_of(1, 14)}),
         delta_of({flip_of(1, false)})},
    };
    loopback door{server.handlers()};
    stats::recorder counts{1};
    viewer::flip_log flips;
    viewer::attendance present;
    viewer::screen page{fleet, counts, flips, fleet.at(10)};
    run_coro(
        [&]() -> net::task<> {
            const auto where = co_await net::asio::this_coro::executor;
            net::ticker pace{where}, clock{where};
            viewer::surroundings around{door.endpoint(), anchor, &counts, &present, &pace};
            net::group running{where};
            running.spawn(viewer::view(around, page));
            std::function<bool()> is_told = [&] {
                return counts.total(counter::false_offline) == 1;
            };
            co_await until(clock, is_told);
            pace.stop();
            co_await running.drain();
            clock.stop();
            co_await door.stop();
        },
        90s
    );
    CHECK(server.connections == 2);
    CHECK(server.closed_by_viewer == 1);
    CHECK(counts.total(counter::viewers_connected) == 2);
    CHECK(counts.total(counter::viewers_disconnected) == 1);
    CHECK(counts.total(counter::viewer_messages) == 10);
    CHECK(counts.total(counter::samples_seen) == 7);
    CHECK(present.most() == 1);
    const auto ages = counts.total(latency::freshness);
    CHECK(ages.count() == 8 + 4); // 11 to 18, 11 to 14
    CHECK(ages.min() >= 1s);      // planted: 18 was due a second before the beginning
    CHECK(ages.max() >= 8s);      // 11
    const auto errors = counts.take().errors;
    CHECK(errors.at("viewer.protocol").count == 1);
    CHECK(errors.at("viewer.closed").count == 1);
    CHECK(errors.at("viewer.false_offline").example.starts_with("agent-1: "));
    CHECK(errors.size() == 3);
}

TEST_CASE("a viewer without a server keeps trying, and stops at once") {
    planted_fleet fleet{1};
    fake_dashboard server;
    server.script = {{}};
    net::endpoint nobody;
    run_coro([&]() -> net::task<> {
        loopback door{server.handlers()};
        nobody = door.endpoint();
        co_await door.stop();
    });
    stats::recorder counts{1};
    viewer::flip_log flips;
    viewer::attendance present;
    viewer::screen page{fleet, counts, flips, fleet.at(0)};
    run_coro(
        [&]() -> net::task<> {
            const auto where = co_await net::asio::this_coro::executor;
            net::ticker pace{where}, clock{where};
            viewer::surroundings around{
                nobody, util::clock_anchor::now(), &counts, &present, &pace
            };
            net::group running{where};
            running.spawn(viewer::view(around, page));
            std::function<bool()> has_tried_twice = [&] { return counts.error_total() >= 2; };
            co_await until(clock, has_tried_twice);
            pace.stop();
            co_await running.drain();
            clock.stop();
        },
        90s
    );
    CHECK(counts.take().errors.contains("viewer.unreachable"));
    CHECK(counts.total(counter::viewers_connected) == 0);
}
