// The same seed and the same clock say the same, byte for byte, whatever the number of threads.

#include "fleet/fleet.hpp"
#include "proto/decode.hpp"
#include "support/loopback.hpp"
#include "support/run_coro.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

// Lets everybody in, and keeps what they say.
class capture {
public:
    net::listener_handlers handlers() {
        net::listener_handlers h;
        h.is_websocket = [](std::string_view path) { return path == "/ws/agent"; };
        h.on_websocket = [this](std::shared_ptr<net::peer> p) { return listen(std::move(p)); };
        return h;
    }

    // By agent: every message after the auth.
    std::map<std::string, std::vector<std::string>> said() const {
        const std::lock_guard lock{mutex_};
        return said_;
    }

private:
    net::task<> listen(std::shared_ptr<net::peer> p) {
        std::string who;
        for (;;) {
            const auto text = co_await p->receive();
            if (!text) {
                co_return;
            }
            if (!who.empty()) {
                const std::lock_guard lock{mutex_};
                said_[who].emplace_back(*text);
                continue;
            }
            const auto auth = proto::decode_agent_message(*text);
            who = std::get<proto::auth_request>(auth.value()).server_id;
            const std::string welcome = R"({"status":"ok","type":"auth"})";
            const auto sent = co_await p->send_text(welcome);
            if (!sent) {
                co_return;
            }
        }
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> said_;
};

std::map<std::string, std::vector<std::string>> recorded(unsigned threads) {
    capture all;
    test::loopback server{all.handlers()};
    std::vector<agent::group> groups(2);
    groups[0].share = groups[1].share = 0.25;
    groups[0].machine.payload = 8'000;
    groups[1].interval = 100ms;
    const agent::mix kinds{groups};
    {
        net::pool pool{threads, 1};
        net::ticker pace{pool}, after{pool};
        stats::recorder counts{threads};
        agent::surroundings around;
        around.seed = 42;
        around.interval = 200ms;
        around.agg_interval = 1s;
        around.history = 10min;
        around.server = server.endpoint();
        around.clock = {util::from_unix_seconds(1'795'492'020), std::chrono::steady_clock::now()};
        around.kinds = &kinds;
        around.counts = &counts;
        around.pace = &pace;
        around.after = &after;
        std::vector<agent::identity> who;
        for (std::uint32_t i = 0; i < 24; ++i) {
            const auto name = "agent-" + std::to_string(i);
            who.push_back({i, name, name, "token"});
        }
        test::run_coro(
            [&]() -> net::task<> {
                fleet::fleet f{pool, around, who};
                co_await f.send_history();
                // From here on both runs do the same at the same time by their clocks.
                const auto start = around.clock.steady + 8s;
                co_await after.sleep_until(start);
                co_await f.ramp(0);
                co_await after.sleep_until(start + 4s);
                pace.stop();
                co_await f.drain();
                after.stop();
            },
            60s
        );
    }
    test::run_coro([&]() -> net::task<> { co_await server.stop(); });
    return all.said();
}

// Samples by their instant; the last version of every row of five seconds.
struct content {
    std::map<std::string, std::string> samples;
    std::map<std::int64_t, proto::metric_bucket> metrics;
    std::map<std::pair<std::string, std::int64_t>, proto::ping_bucket> pings;
};

content content_of(const std::vector<std::string>& messages) {
    content c;
    for (const auto& text : messages) {
        const auto m = proto::decode_agent_message(text);
        if (const auto* sample = std::get_if<proto::metrics_message>(&m.value())) {
            c.samples.emplace(util::format_rfc3339(sample->metrics->timestamp.at, 9), text);
            continue;
        }
        for (const auto& g : std::get<proto::aggregated_message>(m.value()).granularities) {
            if (g.granularity != "5sec") {
                continue;
            }
            for (const auto& row : g.metrics) {
                c.metrics[row.bucket] = row;
            }
            for (const auto& row : g.ping) {
                c.pings[{row.target_name, row.bucket}] = row;
            }
        }
    }
    return c;
}

} // namespace

TEST_CASE("two runs with one seed and clock say the same samples, byte for byte, and the same "
          "buckets, with one thread or two") {
    const auto one = recorded(1);
    const auto two = recorded(2);
    REQUIRE(one.size() == 24);
    REQUIRE(two.size() == 24);
    std::size_t samples = 0, common = 0, rows = 0;
    for (const auto& [who, messages] : one) {
        const auto a = content_of(messages);
        const auto b = content_of(two.at(who));
        samples += std::max(a.samples.size(), b.samples.size());
        for (const auto& [at, text] : a.samples) {
            if (const auto same = b.samples.find(at); same != b.samples.end()) {
                ++common;
                CHECK(same->second == text);
            }
        }
        // Where a run begins and ends differs by some milliseconds, and with it a first and a last
        // sample, and the buckets they are in.
        const auto from = std::max(a.metrics.begin()->first, b.metrics.begin()->first);
        const auto to = std::min(a.metrics.rbegin()->first, b.metrics.rbegin()->first);
        CHECK(to - from >= 10 * 12);
        for (auto bucket = from + 1; bucket < to; ++bucket) {
            CHECK(a.metrics.at(bucket) == b.metrics.at(bucket));
            for (const auto& t : model::target_set::built_in(5)->names()) {
                CHECK(a.pings.at({t.name, bucket}) == b.pings.at({t.name, bucket}));
                ++rows;
            }
        }
    }
    CHECK(samples >= 24 * 15);
    CHECK(common >= samples - samples / 5);
    CHECK(rows >= 24 * 10 * 12 * 5 - 24 * 10);
}
