#include "server/strict_log.hpp"

#include "agent_helpers.hpp"
#include "table.hpp"

#include <mutex>
#include <string>
#include <vector>

using namespace vsim;
using test::enrol;
using test::join;
using test::run_coro;
using test::running;

namespace {

// What a strict server said; from any of its threads.
class heard {
public:
    server::options options() {
        server::options o;
        o.on_finding = [this](const std::string& what) {
            const std::lock_guard lock{mutex_};
            lines_.push_back(what);
        };
        return o;
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock{mutex_};
        return lines_;
    }
    std::size_t saying(const std::string& words) {
        std::size_t n = 0;
        for (const auto& line : lines()) {
            n += line.find(words) != line.npos ? 1 : 0;
        }
        return n;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

std::uint64_t count_of(running& s, server::oddity o) {
    for (const auto& f : s->findings()) {
        if (f.what == server::describe(o)) {
            return f.count;
        }
    }
    return 0;
}

} // namespace

TEST_CASE("a strict server tells what it drops, of whom and why, and counts on after a few") {
    heard h;
    running s{h.options()};
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s, "Debug-Server-007");
        auto link = co_await s.connect("/ws/agent");
        co_await link.send(R"({"type":"auth","server_id":"","token":"hush"})");
        co_await link.send(R"({"type":")" + who.token + "\"}");
        co_await link.ask(R"({"type":"metrics","metrics":{}})");
        CHECK(count_of(s, server::oddity::empty_auth) == 1);
        CHECK(count_of(s, server::oddity::unknown_type) == 1);
        CHECK(count_of(s, server::oddity::before_auth) == 1);
        CHECK(h.saying("somebody at 127.0.0.1") == 3);
        co_await link.ask(test::auth_of(who));
        for (int i = 0; i < 5; ++i) {
            co_await link.send(R"({"type":"metrics","metrics":{"uptime":1.5}})");
        }
        co_await link.send(R"({"type":"auth","token":")" + who.token + R"(","server_id":7})");
        co_await link.fence();
        CHECK(count_of(s, server::oddity::undecodable) == 6);
        CHECK(
            h.saying(
                R"(Debug-Server-007: messages that could not be decoded (dropped in silence): )"
                R"(metrics.uptime: expected a whole number)"
            ) == 3
        );
        CHECK(h.saying(R"(..."uptime":1.5}})") == 3);
        CHECK(h.saying("only counted") == 1);
        CHECK(h.saying(who.token) == 0);
        CHECK(h.saying("hush") == 0);
        co_await link.send(test::metrics_of(1, R"(,"network":{"total_rx":9223372036854775808})"));
        co_await link.fence();
        CHECK(count_of(s, server::oddity::huge_counter) == 1);
    });
}

TEST_CASE("a strict server judges an agent that comes back with a shorter interval anew") {
    heard h;
    running s{h.options()};
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const auto now = util::unix_seconds(std::chrono::system_clock::now());
        const auto rows = [](std::string granularity, std::int64_t bucket, int count) {
            return R"({"type":"aggregated_metrics","granularities":[{"granularity":")" +
                   granularity + R"(","metrics":[{"bucket":)" + std::to_string(bucket) +
                   R"(,"sample_count":)" + std::to_string(count) + "}]}]}";
        };
        const auto often = rows("daily", now / 86400, 500'000);
        co_await link.send(rows("5sec", now / 5 - 10, 1));
        co_await link.send(often);
        co_await link.fence();
        CHECK(count_of(s, server::oddity::impossible_count) == 1);
        auto again = co_await join(s, who);
        co_await again.send(often);
        co_await again.fence();
        CHECK(count_of(s, server::oddity::impossible_count) == 1);
    });
}

TEST_CASE("what the store knew already is told, too") {
    heard h;
    running s{h.options()};
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const std::string batch = R"({"type":"batch_metrics","batch_id":"b","metrics_batch":[)"
                                  R"({"timestamp":")" +
                                  test::now_text(60) + R"(","metrics":{}}]})";
        co_await link.ask(batch);
        CHECK(s->findings().empty());
        co_await link.ask(batch);
        CHECK(count_of(s, server::oddity::batch_skipped) == 1);
        CHECK(h.saying("server " + who.id) == 1);
        CHECK(h.lines().size() == 1);
    });
}

TEST_CASE("a server that is not strict finds nothing") {
    running s;
    run_coro([&]() -> net::task<> {
        auto link = co_await s.connect("/ws/agent");
        co_await link.send("{");
        co_await link.fence();
        CHECK(s->current().undecodable == 1);
        CHECK(s->findings().empty());
    });
}
