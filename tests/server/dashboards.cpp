#include "server/dashboards.hpp"

#include "agent_helpers.hpp"
#include "fake_peer.hpp"
#include "net/raw_server.hpp"
#include "proto/encode.hpp"
#include "table.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using test::enrol;
using test::join;
using test::run_coro;
using test::running;

namespace {

// The comparing alone, at times of our choosing.
class comparison {
public:
    comparison()
        : rows_{server::writer::open(file_.path()).value(), server::store_limits{}},
          boards_{context_.get_executor(), servers_, set_, rows_, counts_} {}

    server::entry_ptr add() {
        std::vector<proto::server_fields> wanted(1);
        return servers_.add(std::move(wanted)).front();
    }
    void show(const server::entry_ptr& entry, proto::system_metrics m) {
        entry->set_live(std::make_shared<const proto::system_metrics>(std::move(m)), start_ + at_);
    }
    // What is told `at` after the start.
    std::vector<proto::delta_entry> tell(util::milliseconds at) {
        at_ = at;
        return boards_.compare(start_ + at, 17).d;
    }

private:
    test::db_file file_;
    net::asio::io_context context_;
    server::registry servers_;
    server::settings set_;
    server::counters counts_;
    server::store rows_;
    server::dashboards boards_;
    util::steady_time start_ = std::chrono::steady_clock::now();
    util::milliseconds at_{0};
};

proto::system_metrics shown(float cpu, float memory, std::optional<float> disk, std::uint64_t rx) {
    proto::system_metrics m;
    m.cpu.usage = cpu;
    m.memory.usage_percent = memory;
    if (disk) {
        m.disks.emplace_back().usage_percent = *disk;
    }
    m.network.rx_speed = rx;
    m.network.tx_speed = 7;
    return m;
}

std::vector<proto::delta_entry> one(proto::delta_entry e) {
    return {std::move(e)};
}

template <class T>
T message_of(const std::string& text) {
    auto m = proto::decode_dashboard_message(text);
    REQUIRE_MESSAGE(m.has_value(), text);
    REQUIRE_MESSAGE(std::holds_alternative<T>(*m), text);
    return std::get<T>(*m);
}

// The opening of the stream; returns the servers in it.
net::task<std::vector<proto::server_view>> read_stream(test::socket& viewer) {
    const auto first = co_await viewer.next();
    const auto init = message_of<proto::stream_init>(first.text);
    std::vector<proto::server_view> servers;
    for (std::int64_t i = 0; i < init.total_servers; ++i) {
        const auto next = co_await viewer.next();
        auto one = message_of<proto::stream_server>(next.text);
        CHECK(one.index == i);
        CHECK(one.total == init.total_servers);
        servers.push_back(std::move(one.server));
    }
    const auto last = co_await viewer.next();
    CHECK(last.text == R"({"type":"stream_end"})");
    co_return servers;
}

server::options quick() {
    server::options o;
    o.tick = 10ms;
    return o;
}

} // namespace

TEST_CASE("a delta has what changed since the last one, truncated, and nothing else") {
    comparison c;
    const auto entry = c.add();
    const std::string id = *entry->id;
    CHECK(c.tell(0ms).empty());
    c.show(entry, shown(12.96F, 50.1F, 30.99F, 10));
    CHECK(c.tell(5s) == one({id, true, proto::delta_metrics{12, 50, 30, 10, 7}}));
    CHECK(c.tell(6s).empty());
    // Still 12 %, and counters and uptime tell nobody.
    auto same = shown(12.01F, 50.9F, 30.0F, 10);
    same.uptime = 99;
    same.network.total_rx = 5;
    c.show(entry, same);
    CHECK(c.tell(7s).empty());
    c.show(entry, shown(13.0F, 50, 30, 1ULL << 63));
    CHECK(c.tell(8s) == one({id, {}, proto::delta_metrics{13, {}, {}, 1ULL << 63, {}}}));
    c.show(entry, shown(300.0F, -5.0F, 30, 1ULL << 63)); // no percentages, but no surprise either
    CHECK(c.tell(9s) == one({id, {}, proto::delta_metrics{255, 0, {}, {}, {}}}));
}

TEST_CASE("a server without disks has no d, and the first disk counts when there are more") {
    comparison c;
    const auto entry = c.add();
    c.show(entry, shown(1, 2, {}, 3));
    CHECK(c.tell(0ms) == one({*entry->id, true, proto::delta_metrics{1, 2, {}, 3, 7}}));
    auto two_disks = shown(1, 2, 4.0F, 3);
    two_disks.disks.emplace_back().usage_percent = 99;
    c.show(entry, two_disks);
    CHECK(c.tell(1s) == one({*entry->id, {}, proto::delta_metrics{{}, {}, 4, {}, {}}}));
    c.show(entry, shown(1, 2, {}, 3));
    CHECK(c.tell(2s).empty());
}

TEST_CASE("a server is offline 30 s after its last message, and its return tells changes only") {
    comparison c;
    const auto silent = c.add();
    const auto other = c.add();
    c.tell(0ms);
    c.show(silent, shown(1, 2, 3.0F, 4));
    c.show(other, shown(1, 2, 3.0F, 4));
    CHECK(c.tell(29'999ms).size() == 2);
    c.show(other, shown(1, 2, 3.0F, 4));
    CHECK(c.tell(30s) == one({*silent->id, false, {}}));
    CHECK(c.tell(40s).empty());
    c.show(silent, shown(1, 9, 3.0F, 4));
    CHECK(c.tell(41s) == one({*silent->id, true, proto::delta_metrics{{}, 9, {}, {}, {}}}));
}

TEST_CASE("a viewer gets every server in order, then deltas") {
    running s{quick()};
    run_coro([&]() -> net::task<> {
        const auto first = co_await enrol(s, "first");
        const auto second = co_await enrol(s, "second");
        auto agent = co_await join(s, second);
        co_await agent.send(test::metrics_of(
            12.96F, R"(,"version":"v9","memory":{"usage_percent":50},"network":{"rx_speed":10})"
        ));
        co_await agent.fence();
        auto viewer = co_await s.connect("/ws");
        const auto servers = co_await read_stream(viewer);
        REQUIRE(servers.size() == 2);
        CHECK(servers[0].server_id == first.id);
        CHECK(servers[0].server_name == "first");
        CHECK(!servers[0].online);
        CHECK(!servers[0].metrics.has_value());
        CHECK(servers[1].server_id == second.id);
        CHECK(servers[1].version == "v9");
        CHECK(servers[1].online);
        REQUIRE(servers[1].metrics.has_value());
        CHECK(servers[1].metrics->cpu.usage == 12.96F);
        CHECK(s->current().viewers == 1);

        // Until the change comes by, deltas may still tell what the stream did.
        co_await agent.send(test::metrics_of(77, R"(,"network":{"rx_speed":18446744073709551615})")
        );
        for (;;) {
            const auto next = co_await viewer.next();
            const auto delta = message_of<proto::delta>(next.text);
            CHECK(delta.ts > 1'700'000'000);
            REQUIRE(delta.d.size() == 1);
            CHECK(delta.d[0].id == second.id);
            REQUIRE(delta.d[0].m.has_value());
            if (delta.d[0].m->c == 77) {
                CHECK(delta.d[0].m->rx == UINT64_MAX);
                break;
            }
        }
        // Anything a viewer says is ignored.
        co_await viewer.send("hello");
        co_await viewer.fence();
        co_await viewer.close();
    });
}

TEST_CASE("the stream of a server with nothing configured begins and ends") {
    running s;
    run_coro([&]() -> net::task<> {
        auto viewer = co_await s.connect("/ws?a=b");
        const auto init = co_await viewer.next();
        CHECK(
            init.text ==
            R"({"type":"stream_init","total_servers":0,"group_dimensions":)" +
                proto::to_json(server::default_dimensions()) +
                R"(,"site_settings":{"site_name":"vStats Dashboard",)"
                R"("site_description":"Real-time Server Monitoring","social_links":[]}})"
        );
        const auto end = co_await viewer.next();
        CHECK(end.text == R"({"type":"stream_end"})");
        co_await viewer.fence();
    });
}

TEST_CASE("users are counted by address; a proxy on this machine is believed") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        const auto at = s.endpoint().url.port;
        std::vector<test::raw_connection> viewers;
        for (const char* forwarded :
             {"",
              "X-Forwarded-For: 198.51.100.7\r\n",
              "x-forwarded-for: 203.0.113.1, 198.51.100.7 \r\n",
              "X-Forwarded-For: 203.0.113.1\r\n",
              "X-Forwarded-For: 127.0.0.1\r\n"}) {
            net::asio::ip::tcp::socket socket{here};
            const net::asio::ip::tcp::endpoint to{net::asio::ip::make_address("127.0.0.1"), at};
            co_await socket.async_connect(to, net::asio::use_awaitable);
            auto& c = viewers.emplace_back(std::move(socket));
            co_await c.write(
                "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                std::string(forwarded) + "\r\n"
            );
            co_await c.read_until("stream_end");
        }
        const auto got = co_await s.http("GET", "/api/online-users", "", false);
        CHECK(got.body == R"({"count":3})"); // this machine, .7 and .1
        CHECK(s->current().viewers == 5);
    });
}

TEST_CASE("a viewer that reads nothing is dropped, and nobody waits for it") {
    test::db_file file;
    server::registry servers;
    server::settings set;
    server::counters counts;
    server::store rows{server::writer::open(file.path()).value(), server::store_limits{}};
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        server::dashboards boards{here, servers, set, rows, counts};
        net::group running{here};
        const auto deaf = std::make_shared<test::fake_peer>(here);
        deaf->is_deaf = true;
        const auto other = std::make_shared<test::fake_peer>(here);
        running.spawn(boards.serve(deaf));
        running.spawn(boards.serve(other));
        running.spawn(boards.run(1ms));
        std::vector<proto::server_fields> wanted(1);
        const auto entry = servers.add(std::move(wanted)).front();
        net::asio::steady_timer pause{here};
        for (std::uint64_t n = 0; counts.viewers_dropped == 0; ++n) {
            const auto now = std::chrono::steady_clock::now();
            entry->set_live(
                std::make_shared<const proto::system_metrics>(shown(1, 2, 3.0F, n)), now
            );
            pause.expires_after(1ms);
            co_await pause.async_wait(net::asio::use_awaitable);
        }
        while (counts.viewers > 1) { // it leaves on its own executor
            co_await net::asio::post(here, net::asio::use_awaitable);
        }
        CHECK(deaf->is_aborted);
        CHECK(!other->is_aborted);
        CHECK(other->sent.size() >= 2 + 16);
        other->abort();
        boards.stop();
        co_await running.drain();
        co_await boards.drain();
        CHECK(counts.viewers == 0);
        CHECK(counts.viewers_dropped == 1);
        co_await rows.close();
    });
}
