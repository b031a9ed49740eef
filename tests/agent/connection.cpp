#include "agent/connection.hpp"

#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/this_coro.hpp>

#include <map>
#include <mutex>
#include <string>

using namespace vsim;

namespace {

// A server that notes where upgrades come from and closes at once.
struct door {
    std::mutex mutex;
    std::map<std::string, int> knocks; // by source address

    net::listener_handlers handlers() {
        net::listener_handlers h;
        h.is_websocket = [](std::string_view path) { return path == "/ws/agent"; };
        h.on_websocket = [this](std::shared_ptr<net::peer> p) -> net::task<> {
            {
                const std::lock_guard lock{mutex};
                ++knocks[p->request().remote_ip];
            }
            co_await p->close();
        };
        return h;
    }
};

// Where a server sees `agents` of a fleet with these source addresses come from.
std::map<std::string, int> sources_seen(std::uint32_t agents, util::address_ranges sources) {
    door d;
    test::loopback server{d.handlers()};
    test::run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        stats::recorder counts{1};
        net::ticker pace{here};
        agent::surroundings s;
        s.server = server.endpoint();
        s.sources = sources;
        s.counts = &counts;
        s.pace = &pace;
        for (std::uint32_t i = 0; i < agents; ++i) {
            const agent::identity who{i, "one", "id", "token"};
            const auto joined = co_await agent::join_server(s, who, pace);
            REQUIRE(joined.has_error());
            CHECK(joined.error().code == util::errc::closed);
        }
        pace.stop();
        co_await server.stop();
    });
    return d.knocks;
}

} // namespace

TEST_CASE("agents are spread over the source addresses by index") {
    using seen = std::map<std::string, int>;
    const auto list = util::parse_address_ranges("127.0.0.2-127.0.0.4,127.9.0.1").value();
    CHECK(
        sources_seen(6, list) ==
        seen{{"127.0.0.2", 2}, {"127.0.0.3", 2}, {"127.0.0.4", 1}, {"127.9.0.1", 1}}
    );
    CHECK(sources_seen(2, {}) == seen{{"127.0.0.1", 2}});
}
