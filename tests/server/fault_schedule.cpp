#include "server/fault_schedule.hpp"

#include "agent_helpers.hpp"
#include "server/agent_faults.hpp"
#include "table.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using test::enrol;
using test::join;
using test::run_coro;
using test::running;

namespace {

// A server's options with faults, and what it says of them. Waits for words instead of sleeping.
class mishap {
public:
    explicit mishap(std::initializer_list<std::string_view> specs) {
        for (const auto spec : specs) {
            REQUIRE(server::add_fault(options.faults, spec).has_value());
        }
        options.on_fault.say = [this](const std::string& what) { hear(what); };
        options.on_fault.warn = [this](const std::string& what) { hear("warning: " + what); };
        options.on_fault.is_stopping = [this] { return is_stopping.load(); };
    }
    bool waits_for(std::string_view words) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 10s, [&] {
            for (const auto& line : said_) {
                if (line.find(words) != line.npos) {
                    return true;
                }
            }
            return false;
        });
    }

    bool has_said(std::string_view words) {
        const std::lock_guard lock{mutex_};
        return std::ranges::any_of(said_, [&](const auto& line) {
            return line.find(words) != line.npos;
        });
    }

    server::options options;
    std::atomic<bool> is_stopping = false;

private:
    void hear(const std::string& what) {
        const std::lock_guard lock{mutex_};
        said_.push_back(what);
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> said_;
};

net::task<bool> can_connect(running& s) {
    const auto here = co_await net::asio::this_coro::executor;
    boost::asio::ip::tcp::socket socket{here};
    const boost::asio::ip::tcp::endpoint at{
        boost::asio::ip::make_address("127.0.0.1"), s.endpoint().url.port
    };
    const auto [ec] =
        co_await socket.async_connect(at, net::asio::as_tuple(net::asio::use_awaitable));
    co_return !ec;
}

} // namespace

TEST_CASE("a server that refuses has nobody listening, and the same address again afterwards") {
    mishap m{"refuse:2s@0s"};
    running s{m.options};
    CHECK(m.waits_for("connections are refused for 2s"));
    run_coro(
        [&]() -> net::task<> {
            const bool before = co_await can_connect(s);
            CHECK_FALSE(before);
            CHECK(m.waits_for("accepted again"));
            const bool after = co_await can_connect(s);
            CHECK(after);
            const auto got = co_await s.http("GET", "/health");
            CHECK(got.status == 200);
        },
        20s
    );
}

TEST_CASE("refusals that overlap end together, with the last") {
    mishap m{"refuse:1s@0s", "refuse:4s@0s"};
    running s{m.options};
    const auto began = std::chrono::steady_clock::now();
    run_coro(
        [&]() -> net::task<> {
            CHECK(m.waits_for("connections are refused for 4s"));
            CHECK(m.waits_for("accepted again"));
            CHECK(std::chrono::steady_clock::now() - began > 3s);
            const bool after = co_await can_connect(s);
            CHECK(after);
            CHECK_FALSE(m.has_said("warning"));
        },
        20s
    );
}

TEST_CASE("connections live on while new ones are refused") {
    mishap m{"refuse:1h@2s"};
    running s{m.options};
    run_coro(
        [&]() -> net::task<> {
            const auto who = co_await enrol(s);
            auto link = co_await join(s, who);
            CHECK(m.waits_for("connections are refused for 1h"));
            co_await link.fence();
            const bool more = co_await can_connect(s);
            CHECK_FALSE(more);
        },
        20s
    ); // and a server that refuses can be stopped
}

TEST_CASE("a stalled server answers nothing until the stall is over") {
    mishap m{"stall:3s@1s"};
    running s{m.options};
    run_coro(
        [&]() -> net::task<> {
            const auto who = co_await enrol(s);
            auto link = co_await join(s, who);
            CHECK(m.waits_for("nothing is handled for 3s"));
            const auto began = std::chrono::steady_clock::now();
            co_await link.fence();
            CHECK(std::chrono::steady_clock::now() - began > 300ms);
            co_await link.fence();
        },
        20s
    );
}

TEST_CASE("a stall ends when the server is to stop") {
    mishap m{"stall:1h@1s"};
    running s{m.options};
    run_coro(
        [&]() -> net::task<> {
            auto link = co_await s.connect("/ws/agent");
            CHECK(m.waits_for("nothing is handled for 1h"));
            m.is_stopping = true;
            co_await link.fence();
        },
        20s
    );
}

TEST_CASE("a slow reader rests as long as it should, and not so long that nobody is there") {
    server::fault_plan plan;
    REQUIRE(server::add_fault(plan, "slow-read:1KB/s").has_value());
    const server::agent_faults slow{plan};
    CHECK(slow.rest_for(512) == 500ms);
    CHECK(slow.rest_for(10 * 1024) == 10s);
    CHECK(slow.rest_for(1 << 30) == 10s);
    CHECK(server::agent_faults{{}}.rest_for(1 << 30) == 0s);
}

TEST_CASE("connections are broken when chance takes them all") {
    mishap m{"close:100%/s"};
    running s{m.options};
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        auto stranger = co_await s.connect("/ws/agent");
        const auto end = co_await link.next();
        CHECK(end.closed);
        CHECK(end.text.empty());
        CHECK(m.waits_for("closed 1 connections of agents"));
        co_await stranger.fence(); // not an agent yet
    });
}

TEST_CASE("messages that chance takes are acknowledged and not stored") {
    mishap m{"drop-writes:50%"};
    running s{m.options};
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s, "Debug-Server-000");
        auto link = co_await join(s, who);
        for (int i = 0; i < 200; ++i) {
            co_await link.send(test::metrics_of(1));
        }
        co_await link.fence();
        co_await s->flush();
        const auto now = s->current();
        CHECK(now.metrics == 200);
        CHECK(now.lost > 70);
        CHECK(now.lost < 130);
        auto db = server::database::open_read_only(s->db_path()).value();
        CHECK(test::row(db, "SELECT count(*) FROM metrics_raw") == std::to_string(200 - now.lost));
    });
}

TEST_CASE("all that is dropped leaves nothing behind but the acknowledgement") {
    mishap m{"drop-writes:100%"};
    running s{m.options};
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        co_await link.send(
            R"({"type":"aggregated_metrics","granularities":[{"granularity":"2min","metrics":[{"bucket":14962433}]}]})"
        );
        const auto ack = co_await link.ask(
            R"({"type":"batch_metrics","batch_id":"b","metrics_batch":[{"timestamp":")" +
            test::now_text() + R"(","metrics":{}}]})"
        );
        CHECK(ack.find(R"("accepted":1)") != ack.npos);
        co_await s->flush();
        CHECK(s->current().lost == 2);
        CHECK(s->current().rows_written == 1); // the server's own
        const auto again = co_await join(s, who);
    });
}

TEST_CASE("a slow reader takes a connection's messages no faster than it says") {
    mishap m{"slow-read:10000B/s"};
    running s{m.options};
    run_coro(
        [&]() -> net::task<> {
            auto link = co_await s.connect("/ws/agent");
            const auto began = std::chrono::steady_clock::now();
            for (int i = 0; i < 5; ++i) {
                co_await link.send(R"({"type":"hello","x":")" + std::string(980, 'x') + "\"}");
            }
            co_await link.fence(); // may overtake messages that came with it, by one read
            while (s->current().unknown_type < 5) {
                co_await link.fence();
            }
            const auto took = std::chrono::steady_clock::now() - began;
            CHECK(took > 390ms);
            CHECK(took < 15s);
        },
        20s
    );
}
