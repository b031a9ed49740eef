#include "server/agents.hpp"

#include "agent_helpers.hpp"
#include "fake_peer.hpp"
#include "net/group.hpp"
#include "proto/bucket.hpp"
#include "table.hpp"

#include <boost/asio/post.hpp>

#include <string>

using namespace vsim;
using test::auth_of;
using test::enrol;
using test::join;
using test::metrics_of;
using test::run_coro;
using test::running;

namespace {

const std::string not_authenticated = R"({"type":"error","message":"Not authenticated"})";
const std::string not_found = R"({"type":"auth","status":"error","message":"Server not found"})";

std::int64_t now() {
    return util::unix_seconds(std::chrono::system_clock::now());
}

// Lets everything that is ready run.
net::task<> settle() {
    const auto here = co_await net::asio::this_coro::executor;
    for (int i = 0; i < 50; ++i) {
        co_await net::asio::post(here, net::asio::use_awaitable);
    }
}

proto::probe_settings probe_of(const std::string& name) {
    proto::probe_settings p;
    p.ping_targets.emplace().push_back({name, "h"});
    return p;
}

// Agents without a network.
struct bare_agents {
    test::db_file file;
    server::registry servers;
    server::settings set;
    server::counters counts;
    server::store rows{server::writer::open(file.path()).value(), server::store_limits{}};
    server::traffic used{servers};
};

} // namespace

TEST_CASE("messages that do not fit are dropped in silence, and the connection goes on") {
    const char* const dropped[] = {
        "",
        "{",
        "[]",
        "null",
        "\"metrics\"",
        R"({"type":1})",
        R"({"type":"metrics","metrics":[]})",
        R"({"type":"metrics","metrics":{"uptime":1.5}})",
        R"({"type":"metrics","metrics":{"uptime":-1}})",
        R"({"type":"metrics","metrics":{"uptime":"1"}})",
        R"({"type":"metrics","metrics":{"network":{"total_rx":-1}}})",
        R"({"type":"metrics","metrics":{"network":{"total_rx":18446744073709551616}}})",
        R"({"type":"metrics","metrics":{"cpu":{"usage":1e39}}})",
        R"({"type":"metrics","metrics":{"disks":{}}})",
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24 03:46:33Z"}})",
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24t03:46:33z"}})",
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:46:33"}})",
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T03:46:33+0000"}})",
        R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T24:00:00Z"}})",
        R"({"type":"metrics","metrics":{"timestamp":1795491993}})",
        R"({"type":"aggregated_metrics","granularities":{}})",
        R"({"type":"aggregated_metrics","granularities":[{"granularity":"5sec","metrics":[{"bucket":1.0}]}]})",
        R"({"type":"aggregated_metrics","granularities":[{"granularity":"5sec","metrics":[{"bucket":9223372036854775808}]}]})",
        // The real agent's batch: raw items where the server wants an object.
        R"({"type":"batch_metrics","batch_id":"b","metrics":[{}]})",
        R"({"type":"auth","server_id":1,"token":"t"})",
        "\xff{\"type\":\"metrics\"}",
    };
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto stranger = co_await s.connect("/ws/agent");
        auto agent = co_await join(s, who);
        for (auto* link : {&stranger, &agent}) {
            for (const char* text : dropped) {
                CAPTURE(text);
                const auto before = s->current().undecodable;
                co_await link->send(text);
                co_await link->fence(); // also: nothing was answered
                CHECK(s->current().undecodable == before + 1);
            }
        }
        for (const char* text : {R"({"type":"hello"})", "{}", R"({"type":null,"x":[1]})"}) {
            const auto before = s->current().unknown_type;
            co_await agent.send(text);
            co_await agent.fence();
            CHECK(s->current().unknown_type == before + 1);
        }
        co_await agent.send(metrics_of(1));
        co_await agent.fence();
        CHECK(s->current().metrics == 1);
        CHECK(s->current().not_authenticated == 0);
        co_await s->flush();
        CHECK(s->current().rows_written == 1 + 3); // the server's own and the sample's
    });
}

TEST_CASE("auth is answered as vStats answers it") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await s.connect("/ws/agent");
        for (const std::string& silent :
             {std::string{R"({"type":"auth"})"},
              R"({"type":"auth","server_id":")" + who.id + R"("})",
              R"({"type":"auth","server_id":"","token":")" + who.token + R"("})",
              R"({"type":"auth","server_id":")" + who.id + R"(","token":null})"}) {
            CAPTURE(silent);
            co_await link.send(silent);
            co_await link.fence();
        }
        CHECK(s->current().auth_unanswered == 4);

        const auto unknown = co_await link.ask(R"({"type":"auth","server_id":"x","token":"t"})");
        CHECK(unknown == not_found);
        co_await link.fence(); // one message

        const auto wrong =
            co_await link.ask(R"({"type":"auth","server_id":")" + who.id + R"(","token":"t"})");
        CHECK(wrong == R"({"type":"auth","status":"error","message":"Invalid token"})");
        const auto second = co_await link.next();
        CHECK(second.text == not_found);
        co_await link.fence(); // two
        CHECK(s->current().auth_refused == 2);

        const auto right = co_await link.ask(auth_of(who));
        CHECK(right == R"({"status":"ok","type":"auth"})");
        CHECK(s->current().auth_ok == 1);
        // A failure does not undo the success before it.
        co_await link.ask(R"({"type":"auth","server_id":"x","token":"t"})");
        co_await link.send(metrics_of(1));
        co_await link.fence();
        CHECK(s->current().metrics == 1);
    });
}

TEST_CASE("before auth every kind of data is answered with an error and not stored") {
    running s;
    run_coro([&]() -> net::task<> {
        auto link = co_await s.connect("/ws/agent");
        for (const char* text :
             {R"({"type":"metrics","metrics":{}})",
              R"({"type":"metrics"})",
              R"({"type":"aggregated_metrics","granularities":[]})",
              R"({"type":"batch_metrics","batch_id":"b"})"}) {
            const auto answer = co_await link.ask(text);
            CHECK(answer == not_authenticated);
        }
        CHECK(s->current().not_authenticated == 4);
        const auto who = co_await enrol(s);
        auto agent = co_await join(s, who);
        const auto answer = co_await agent.ask(R"({"type":"metrics","metrics":null})");
        CHECK(answer == not_authenticated);
        CHECK(s->current().without_metrics == 1);
        CHECK(s->current().metrics == 0);
    });
}

TEST_CASE("the welcome tells the newest buckets, when data came last, and what to ping") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const auto at = now();
        std::string message = R"({"type":"aggregated_metrics","granularities":[)";
        for (const auto& g : proto::granularities) {
            const auto bucket = proto::bucket_index(g.id, at);
            message += R"({"granularity":")" + std::string{g.name} + R"(","metrics":[{"bucket":)" +
                       std::to_string(bucket) + R"(},{"bucket":)" + std::to_string(bucket - 1) +
                       "}]},";
        }
        message.back() = ']';
        co_await link.send(message + "}");
        const auto text = co_await link.ask(auth_of(who));
        const auto reply = std::get<proto::auth_reply>(proto::decode_server_message(text).value());
        CHECK(reply.last_buckets.size() == 5);
        for (const auto& g : proto::granularities) {
            CHECK(reply.last_buckets.at(std::string{g.name}) == proto::bucket_index(g.id, at));
        }
        REQUIRE(reply.last_seen.has_value());
        CHECK(util::unix_seconds(reply.last_seen->at) == at / 5 * 5);
        CHECK(!reply.ping_targets.has_value());

        const auto set = co_await s.http(
            "PUT", "/api/settings/probe", R"({"ping_targets":[{"name":"CF","host":"1.1.1.1"}]})"
        );
        CHECK(set.status == 200);
        const auto pushed = co_await link.next();
        CHECK(
            pushed.text == R"({"ping_targets":[{"name":"CF","host":"1.1.1.1"}],"type":"config"})"
        );
        co_await link.send(metrics_of(1));
        const auto again = co_await link.ask(auth_of(who));
        CHECK(
            again.find(R"("ping_targets":[{"name":"CF","host":"1.1.1.1"}])") != std::string::npos
        );
        const auto later = std::get<proto::auth_reply>(proto::decode_server_message(again).value());
        CHECK(util::unix_seconds(later.last_seen->at) >= at);
    });
}

TEST_CASE("the welcome keeps quiet about what has expired and about rows that were refused") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const auto at = now();
        const auto hour_ago = std::to_string(at / 5 - 3 * 720);
        co_await link.send(
            R"({"type":"aggregated_metrics","granularities":[{"granularity":"5sec","metrics":[{"bucket":)" +
            hour_ago + R"(}]},{"granularity":"hourly","metrics":[{"bucket":)" +
            std::to_string(at / 3600) +
            R"(,"net_rx":9223372036854775808}]},{"granularity":"daily","metrics":[{"bucket":-5}]}]})"
        );
        co_await link.send(metrics_of(1, R"(,"network":{"total_tx":9223372036854775808})"));
        const auto text = co_await link.ask(auth_of(who));
        CHECK(text == R"({"status":"ok","type":"auth"})");
        co_await s->flush();
        CHECK(s->current().rows_refused == 1 + 3);
    });
}

TEST_CASE("time stamps sent as buckets are taken, and the next welcome tells their far year") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        // What the old debug data generator sends (protocol.md 3.2), and what nobody should.
        const auto send = [&](const char* granularity, std::int64_t bucket) {
            return link.send(
                R"({"type":"aggregated_metrics","granularities":[{"granularity":")" +
                std::string{granularity} + R"(","metrics":[{"bucket":)" + std::to_string(bucket) +
                R"(}]}]})"
            );
        };
        co_await send("5sec", 1795492055);
        const auto first = co_await link.ask(auth_of(who));
        CHECK(
            first == R"({"last_buckets":{"5sec":1795492055},"last_seen":"2254-06-26T18:57:55Z",)"
                     R"("status":"ok","type":"auth"})"
        );
        for (const std::int64_t bucket : {std::int64_t{1795492055}, INT64_MAX}) {
            co_await send("2min", bucket);
            const auto text = co_await link.ask(auth_of(who));
            const auto reply =
                std::get<proto::auth_reply>(proto::decode_server_message(text).value());
            CHECK(reply.last_buckets.at("2min") == bucket);
            CHECK(reply.last_seen.has_value());
        }
        co_await s->flush();
        const auto history =
            co_await s.http("GET", "/api/history/" + who.id + "?range=24h&type=metrics");
        CHECK(history.status == 200);
    });
}

TEST_CASE("an agent may become another on the same connection") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto one = co_await enrol(s, "one");
        const auto two = co_await enrol(s, "two");
        auto link = co_await join(s, one);
        co_await link.send(metrics_of(1));
        co_await link.ask(auth_of(two));
        co_await link.send(metrics_of(2));
        co_await link.send(metrics_of(3));
        co_await link.fence();
        co_await s->flush();
        auto db = server::database::open_read_only(s->db_path()).value();
        const auto count = [&](const std::string& id) {
            return test::row(db, "SELECT count(*) FROM metrics_raw WHERE server_id='" + id + "'");
        };
        CHECK(count(one.id) == "1");
        CHECK(count(two.id) == "2");
    });
}

TEST_CASE("batches are acknowledged, whatever is in them") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const auto empty = co_await link.ask(R"({"type":"batch_metrics"})");
        CHECK(empty == R"({"accepted":0,"batch_id":"","rejected":0,"type":"batch_ack"})");
        const std::string item =
            R"({"timestamp":")" + test::now_text() + R"(","metrics":{"cpu":{"usage":5}}})";
        const auto mixed = co_await link.ask(
            R"({"type":"batch_metrics","batch_id":"b-1","metrics_batch":[)" + item +
            R"(,{"timestamp":"x","metrics":{}},{"timestamp":"2026-11-24T02:00:00Z"},)" + item +
            R"(],"aggregated":[null,{"start_time":"x"}]})"
        );
        CHECK(mixed == R"({"accepted":3,"batch_id":"b-1","rejected":3,"type":"batch_ack"})");
        co_await s->flush();
        CHECK(s->current().batches == 2);
        CHECK(s->current().rows_skipped == 1); // the second of the same 5 s
        const auto all = co_await s.http("GET", "/api/metrics/all");
        CHECK(all.body.find(R"("usage":5)") != std::string::npos);
    });
}

TEST_CASE("the latest connection of an id hears of new settings; when either closes nobody does") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        const auto other = co_await enrol(s);
        auto first = co_await join(s, who);
        auto second = co_await join(s, who);
        auto bystander = co_await join(s, other);
        auto stranger = co_await s.connect("/ws/agent");
        const auto put = [&](const char* body) {
            return s.http("PUT", "/api/settings/probe", body);
        };
        const auto set = co_await put(R"({"ping_targets":[]})");
        CHECK(set.status == 200);
        CHECK(set.body == "");
        for (auto* link : {&second, &bystander}) {
            const auto pushed = co_await link->next();
            CHECK(pushed.text == R"({"ping_targets":[],"type":"config"})");
        }
        co_await first.fence();
        co_await stranger.fence();
        // Both still may send.
        co_await first.send(metrics_of(1));
        co_await second.send(metrics_of(2));
        co_await first.fence();
        co_await second.fence();
        CHECK(s->current().metrics == 2);

        co_await first.close();
        co_await put("{}");
        const auto cleared = co_await bystander.next();
        CHECK(cleared.text == R"({"ping_targets":null,"type":"config"})");
        co_await second.fence(); // heard nothing
        co_await second.ask(auth_of(who));
        co_await put("{}");
        const auto heard = co_await second.next();
        CHECK(heard.text == R"({"ping_targets":null,"type":"config"})");
        CHECK(s->current().agents == 3);
    });
}

TEST_CASE("an agent whose server was deleted goes on, but is not let in again") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const auto gone = co_await s.http("DELETE", "/api/servers/" + who.id);
        CHECK(gone.status == 200);
        co_await link.send(metrics_of(1));
        co_await link.fence();
        co_await s->flush();
        CHECK(s->current().metrics == 1);
        const auto history =
            co_await s.http("GET", "/api/history/" + who.id + "?range=1h&type=metrics");
        CHECK(history.body.find(R"("data":[{)") != std::string::npos);
        const auto refused = co_await link.ask(auth_of(who));
        CHECK(refused == not_found);
    });
}

TEST_CASE("an agent's version and first address are noted, empty ones as they are") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        const auto listed = [&]() -> net::task<proto::server_object> {
            co_await link.fence();
            const auto got = co_await s.http("GET", "/api/servers");
            co_return proto::decode<std::vector<proto::server_object>>(got.body).value().at(0);
        };
        const auto send = [&](const std::string& fields) {
            return link.send(
                R"({"type":"metrics","metrics":{"timestamp":"2026-11-24T02:00:00Z")" + fields + "}}"
            );
        };
        co_await send(R"(,"version":"v1","ip_addresses":["sim-1","x"])");
        auto seen = co_await listed();
        CHECK(seen.version == "v1");
        CHECK(seen.ip == "sim-1");
        co_await send(R"(,"version":"","ip_addresses":[""])");
        seen = co_await listed();
        CHECK(seen.version == "v1");
        CHECK(seen.ip == "");
        co_await send("");
        seen = co_await listed();
        CHECK(seen.ip == "127.0.0.1");
        co_await link.ask(
            R"({"type":"auth","version":"v2","server_id":")" + who.id + R"(","token":")" +
            who.token + R"("})"
        );
        seen = co_await listed();
        CHECK(seen.version == "v2");
        co_await link.send(
            R"({"type":"aggregated_metrics","last_metrics":{"version":"v3","ip_addresses":["y"]}})"
        );
        seen = co_await listed();
        CHECK(seen.version == "v2"); // not from an aggregate
        CHECK(seen.ip == "127.0.0.1");
    });
}

TEST_CASE("last_metrics alone shows, but stores nothing") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto link = co_await join(s, who);
        co_await s->flush();
        const auto before = s->current().rows_written;
        co_await link.send(R"({"type":"aggregated_metrics","last_metrics":{"cpu":{"usage":12.5}}})"
        );
        co_await link.fence();
        co_await s->flush();
        CHECK(s->current().rows_written == before);
        CHECK(s->current().aggregated == 1);
        const auto all = co_await s.http("GET", "/api/metrics/all");
        CHECK(all.body.find(R"("online":true)") != std::string::npos);
        CHECK(all.body.find(R"("usage":12.5)") != std::string::npos);
    });
}

TEST_CASE("nothing is kept of a connection that has ended, however many servers it was") {
    bare_agents b;
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        server::agents all{here, b.servers, b.set, b.used, b.rows, b.counts};
        std::vector<proto::server_fields> wanted(3);
        const auto entries = b.servers.add(std::move(wanted));
        auto peer = std::make_shared<test::fake_peer>(here);
        for (const auto& e : entries) {
            peer->script.push_back(auth_of({*e->id, e->token}));
        }
        peer->ends = true;
        co_await all.serve(peer);
        co_await all.drain();
        CHECK(b.counts.auth_ok == 3);
        CHECK(b.counts.agents == 0);
        const std::weak_ptr<test::fake_peer> rest = peer;
        peer.reset();
        CHECK(rest.expired());
        co_await b.rows.close();
    });
}

TEST_CASE("a setting put while a welcome waits for a slow agent is neither told first nor missed") {
    bare_agents b;
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        server::agents all{here, b.servers, b.set, b.used, b.rows, b.counts};
        const auto tell = [&](const std::string& name) {
            b.set.set_probe(probe_of(name));
            all.tell_all(std::make_shared<const std::string>(name));
        };
        std::vector<proto::server_fields> wanted(1);
        const auto entry = b.servers.add(std::move(wanted)).front();
        auto peer = std::make_shared<test::fake_peer>(here);
        // One is being sent, 16 are all that may wait.
        peer->script.assign(17, R"({"type":"metrics"})");
        peer->script.push_back(auth_of({*entry->id, entry->token}));
        peer->is_deaf = true;
        net::group serving{here};
        serving.spawn(all.serve(peer));
        co_await settle();
        CHECK(b.counts.auth_ok == 1);
        tell("set-while-full");
        peer->take_one();
        while (peer->sent.empty()) {
            co_await net::asio::post(here, net::asio::use_awaitable);
        }
        tell("set-with-room"); // before the waiting one could take it
        peer->let_go();
        co_await settle();
        tell("set-after");
        co_await settle();
        REQUIRE(peer->sent.size() == 17 + 2);
        CHECK(peer->sent[17].find(R"("name":"set-with-room")") != std::string::npos);
        CHECK(peer->sent[18] == "set-after");
        peer->abort();
        co_await serving.drain();
        co_await all.drain();
        co_await b.rows.close();
    });
}
