#include "viewer/reader.hpp"

#include "net/group.hpp"
#include "net/ticker.hpp"
#include "planted_fleet.hpp"
#include "proto/encode.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

TEST_CASE("a reader asks as its page does; what goes wrong is counted and harms nothing") {
    planted_fleet fleet{3};
    std::vector<std::string> asked; // on the door's only thread, read when that has stopped
    const auto good = proto::to_json(proto::history_reply{});
    net::listener_handlers handlers;
    handlers.is_websocket = [](std::string_view) { return false; };
    handlers.on_request = [&](net::http_request r) -> net::task<net::http_response> {
        asked.push_back(r.target);
        net::http_response answer;
        answer.content_type = "application/json";
        answer.body = "{}";
        if (r.target.starts_with("/api/history/")) {
            answer.body = good;
        } else if (r.target == "/api/online-users") {
            answer.status = 500;
        }
        co_return answer;
    };
    loopback door{std::move(handlers)};
    stats::recorder counts{1};
    viewer::attendance present;
    run_coro(
        [&]() -> net::task<> {
            const auto where = co_await net::asio::this_coro::executor;
            net::ticker pace{where}, clock{where};
            viewer::surroundings around{
                door.endpoint(), util::clock_anchor::now(), &counts, &present, &pace
            };
            net::group running{where};
            running.spawn(viewer::read_histories(around, fleet, viewer::browsing{1, 0, 3}));
            const auto deadline = std::chrono::steady_clock::now() + 60s;
            while (counts.total(counter::history_reads) < 2 &&
                   std::chrono::steady_clock::now() < deadline) {
                const auto next = std::chrono::steady_clock::now() + 10ms;
                co_await clock.sleep_until(next);
            }
            pace.stop();
            co_await running.drain();
            clock.stop();
            co_await door.stop();
        },
        90s
    );
    REQUIRE(asked.size() >= 4);
    CHECK(asked[0] == "/api/version");
    CHECK(asked[1] == "/api/online-users");
    CHECK(asked[2].starts_with("/api/history/id-"));
    CHECK(asked[2].ends_with("?range=24h&type=ping"));
    CHECK(asked[3].starts_with(asked[2].substr(0, asked[2].find('?'))));
    CHECK(counts.total(counter::history_reads) == 2);
    CHECK(counts.total(counter::history_read_bytes) == 2 * good.size());
    CHECK(counts.total(latency::history_read).count() == 2);
    const auto errors = counts.take().errors;
    CHECK(errors.at("reader.protocol").count == 1); // status 500
    CHECK(errors.at("reader.protocol").example.starts_with("/api/online-users: "));
}
