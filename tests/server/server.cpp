#include "server/server.hpp"

#include "agent_helpers.hpp"
#include "net/group.hpp"
#include "table.hpp"

#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using test::auth_of;
using test::enrol;
using test::join;
using test::run_coro;
using test::running;

namespace {

server::options on(const test::db_file& file) {
    server::options o;
    o.db_path = file.path();
    o.tick = 10ms;
    return o;
}

std::string start_error(const std::string& listen, const std::string& db_path, util::errc code) {
    net::pool pool{1, 1};
    server::options o;
    o.listen = listen;
    o.db_path = db_path;
    const auto started = server::server::start(pool, std::move(o));
    REQUIRE(started.has_error());
    CHECK(started.error().code == code);
    return started.error().message;
}

// Every message is answered with its own text, and no answer is read.
net::task<> talk_without_listening(net::websocket& link) {
    const std::string message =
        R"({"type":"batch_metrics","batch_id":")" + std::string(256 * 1024, 'x') + R"("})";
    for (;;) {
        const auto sent = co_await link.send_text(message, true, test::soon());
        if (!sent) {
            co_return;
        }
    }
}

} // namespace

TEST_CASE("what an agent reports is in the history and survives a restart") {
    const test::db_file file;
    proto::register_reply who;
    const auto now = util::unix_seconds(std::chrono::system_clock::now());
    const auto bucket = proto::bucket_index(proto::granularity::min15, now);
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            who = co_await enrol(s);
            auto link = co_await s.connect("/ws/agent");
            const auto welcome = co_await link.ask(auth_of(who));
            CHECK(welcome == R"({"status":"ok","type":"auth"})");
            co_await link.send(
                R"({"type":"aggregated_metrics","granularities":[{"granularity":"15min","metrics":[)"
                R"({"bucket":)" +
                std::to_string(bucket) + R"(,"cpu_sum":50,"sample_count":4}]}]})"
            );
            co_await link.fence();
            co_await s->flush();
            const auto got =
                co_await s.http("GET", "/api/history/" + who.id + "?range=7d&type=metrics");
            const auto read = proto::decode<proto::history_reply>(got.body).value();
            REQUIRE(read.data.has_value());
            REQUIRE(read.data->size() == 1);
            CHECK(read.data->front().cpu == 12.5F);
        });
    }
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            auto link = co_await s.connect("/ws/agent");
            const auto welcome = co_await link.ask(auth_of(who));
            CHECK(
                welcome == R"({"last_buckets":{"15min":)" + std::to_string(bucket) +
                               R"(},"status":"ok","type":"auth"})"
            );
        });
    }
}

TEST_CASE("what was accepted without a flush is there after a stop") {
    const test::db_file file;
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            const auto who = co_await enrol(s);
            auto link = co_await join(s, who);
            for (int i = 0; i < 50; ++i) {
                co_await link.send(test::metrics_of(1));
            }
            co_await link.fence();
        });
    }
    auto db = file.read();
    CHECK(test::row(db, "SELECT count(*) FROM metrics_raw") == "50");
    CHECK(test::row(db, "SELECT sum(sample_count) FROM metrics_2min") == "50");
}

TEST_CASE("servers, their order, changes and deletions, and the probe settings survive a restart") {
    const test::db_file file;
    std::string before;
    const std::string probe = R"({"ping_targets":[{"name":"CF","host":"1.1.1.1"}]})";
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            std::vector<proto::register_reply> made;
            for (const char* name : {"z", "deleted", "a", "m"}) {
                auto one = co_await enrol(s, name);
                made.push_back(std::move(one));
            }
            co_await s.http(
                "PUT", "/api/servers/" + made[2].id, R"({"name":"renamed","notes":"n"})"
            );
            co_await s.http("DELETE", "/api/servers/" + made[1].id);
            co_await s.http("PUT", "/api/settings/probe", probe);
            // The agent's version and address are saved at a tick.
            auto link = co_await join(s, made[3]);
            co_await link.send(test::metrics_of(1, R"(,"version":"v7")"));
            co_await link.fence();
            auto db = server::database::open_read_only(s->db_path()).value();
            while (test::row(db, "SELECT count(*) FROM config_servers WHERE object LIKE '%v7%'") ==
                   "0") {
                co_await s->flush();
            }
            const auto listed = co_await s.http("GET", "/api/servers");
            before = listed.body;
        });
    }
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            const auto listed = co_await s.http("GET", "/api/servers");
            CHECK(listed.body == before);
            const auto objects =
                proto::decode<std::vector<proto::server_object>>(listed.body).value();
            REQUIRE(objects.size() == 3);
            CHECK(objects[1].fields.name == "renamed");
            const auto settings = co_await s.http("GET", "/api/settings/probe");
            CHECK(settings.body == probe);
            // New ones come behind the others.
            const auto last = co_await enrol(s, "last");
            const auto again = co_await s.http("GET", "/api/servers");
            const auto more = proto::decode<std::vector<proto::server_object>>(again.body).value();
            REQUIRE(more.size() == 4);
            CHECK(more[3].id == last.id);
        });
    }
}

TEST_CASE("after a restart dashboards see the newest stored sample, the REST call none") {
    const test::db_file file;
    proto::register_reply who;
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            who = co_await enrol(s);
            auto link = co_await join(s, who);
            for (const char* more :
                 {R"("timestamp":"2026-11-24T03:46:30Z","cpu":{"usage":99})",
                  R"("timestamp":"2026-11-24T03:46:33Z","cpu":{"usage":12.5},"uptime":7,)"
                  R"("memory":{"usage_percent":50},"disks":[{"usage_percent":30.5}],)"
                  R"("network":{"total_rx":1000,"total_tx":500},"load_average":{"one":0.5},)"
                  R"("ping":{"targets":[{"name":"CF","host":"h","latency_ms":11,"status":"ok"}]})"
                 }) {
                co_await link.send(R"({"type":"metrics","metrics":{)" + std::string(more) + "}}");
            }
            co_await link.fence();
        });
    }
    {
        running s{on(file)};
        run_coro([&]() -> net::task<> {
            auto viewer = co_await s.connect("/ws");
            co_await viewer.next();
            const auto next = co_await viewer.next();
            const auto seen =
                std::get<proto::stream_server>(proto::decode_dashboard_message(next.text).value());
            CHECK(!seen.server.online);
            proto::system_metrics expected;
            expected.timestamp.at = util::parse_rfc3339("2026-11-24T03:46:33Z").value().at;
            expected.cpu.usage = 12.5F;
            expected.memory.usage_percent = 50;
            expected.disks.emplace_back().usage_percent = 30.5F;
            expected.network.total_rx = 1000;
            expected.network.total_tx = 500;
            expected.load.one = 0.5;
            auto& target = expected.ping.emplace().targets.emplace_back();
            target.name = "avg";
            target.latency_ms = 11;
            target.status = "ok";
            CHECK(seen.server.metrics == expected);
            const auto all = co_await s.http("GET", "/api/metrics/all");
            CHECK(all.body.find(R"("metrics":null)") != std::string::npos);
        });
    }
}

TEST_CASE("a temporary database goes when the server stops, a given one stays") {
    std::string temporary;
    const test::db_file file;
    {
        running s;
        temporary = s->db_path();
        CHECK(std::filesystem::exists(temporary));
        running kept{on(file)};
        CHECK(kept->db_path() == file.path());
        CHECK(kept->url() == "http://" + kept->address());
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
        CHECK(!std::filesystem::exists(temporary + suffix));
    }
    CHECK(std::filesystem::exists(file.path()));
}

TEST_CASE("a server that cannot start says why") {
    const test::db_file file;
    CHECK(start_error("nonsense", "", util::errc::bad_input).find("nonsense") != std::string::npos);
    running other;
    CHECK(
        start_error(other->address(), "", util::errc::io).find(other->address()) !=
        std::string::npos
    );
    CHECK(
        start_error("127.0.0.1:0", "/nowhere/x.db", util::errc::io).find("/nowhere/x.db") !=
        std::string::npos
    );
    std::ofstream{file.path()} << std::string(4096, 'x');
    CHECK(
        start_error("127.0.0.1:0", file.path(), util::errc::io).find(file.path()) !=
        std::string::npos
    );
}

TEST_CASE("stop ends agents and viewers, in the middle of what they do") {
    std::optional<running> s;
    s.emplace();
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(*s);
        auto agent = co_await join(*s, who);
        auto stranger = co_await s->connect("/ws/agent");
        auto viewer = co_await s->connect("/ws");
        co_await viewer.next();
        s.reset(); // stops
        for (auto* link : {&agent, &stranger}) {
            const auto end = co_await link->next();
            CHECK(end.closed);
        }
    });
}

TEST_CASE("stop does not wait for an agent that reads nothing of what it is sent") {
    std::optional<running> s;
    s.emplace();
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(*s);
        const auto here = co_await net::asio::this_coro::executor;
        auto link = co_await net::websocket::connect(s->endpoint(), "/ws/agent", test::soon());
        REQUIRE(link.has_value());
        const auto hello = auth_of(who);
        const auto sent = co_await link->send_text(hello, true, test::soon());
        CHECK(sent.has_value());
        net::group talking{here};
        talking.spawn(talk_without_listening(*link));
        net::asio::steady_timer pause{here};
        std::uint64_t before = 0, taken = 0;
        do { // until the server waits for the agent
            before = taken;
            pause.expires_after(100ms);
            co_await pause.async_wait(net::asio::use_awaitable);
            taken = (*s)->current().batches;
        } while (taken == 0 || taken != before);
        s.reset();
        co_await talking.drain();
    });
}

TEST_CASE("a server that was made, changed or deleted is so in the database when that is answered"
) {
    const test::db_file file;
    running s{on(file)};
    run_coro([&]() -> net::task<> {
        auto db = file.read();
        const auto stored = [&] {
            return test::row(db, "SELECT object->>'name' FROM config_servers");
        };
        const auto who = co_await enrol(s, "one");
        CHECK(stored() == "one");
        const auto changed = co_await s.http("PUT", "/api/servers/" + who.id, R"({"name":"two"})");
        CHECK(changed.status == 200);
        CHECK(stored() == "two");
        const auto gone = co_await s.http("DELETE", "/api/servers/" + who.id);
        CHECK(gone.status == 200);
        CHECK(stored() == "none");
    });
}
