#include "agent_helpers.hpp"
#include "fake_peer.hpp"
#include "net/group.hpp"
#include "server/agents.hpp"
#include "table.hpp"

#include <boost/asio/post.hpp>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using test::enrol;
using test::join;
using test::run_coro;
using test::running;

namespace {

const std::string done = R"(200 {"success":true})";

net::task<std::string> call(running& s, std::string method, std::string path, std::string body) {
    const auto got = co_await s.http(std::move(method), std::move(path), std::move(body));
    co_return std::to_string(got.status) + " " + got.body;
}

std::string limit_of(const std::string& id, const std::string& more) {
    return R"({"server_id":")" + id + R"(",)" + more + "}";
}

std::string counters(std::uint64_t tx, std::uint64_t rx) {
    return test::metrics_of(
        1,
        R"(,"network":{"total_tx":)" + std::to_string(tx) + R"(,"total_rx":)" + std::to_string(rx) +
            "}"
    );
}

} // namespace

TEST_CASE("what traffic routes answer when nothing is known, and to what they do not accept") {
    struct expected {
        const char *method, *path, *body, *answer;
    };
    const expected cases[] = {
        {"GET",
         "/api/traffic/summary",
         "",
         R"(200 {"total_servers":0,"servers_with_limit":0,"over_limit_count":0,"warning_count":0,"stats":[]})"
        },
        {"GET", "/api/traffic/stats", "", "200 []"},
        {"GET", "/api/traffic/stats/x", "", R"(404 {"error":"Server not found"})"},
        {"GET", "/api/traffic/limits", "", "200 []"},
        {"GET", "/api/traffic/history/x?limit=3", "", R"(200 {"records":[],"total":0})"},
        {"GET",
         "/api/traffic/daily/x?days=3",
         "",
         R"(200 {"server_id":"x","server_name":"","period":"","daily":[],"total_tx_gb":0,"total_rx_gb":0,"total_gb":0,"limit_gb":0})"
        },
        {"PUT", "/api/traffic/limit", "", R"(400 {"error":"EOF"})"},
        {"PUT", "/api/traffic/limit", "{}", R"(400 {"error":"server_id is required"})"},
        {"PUT",
         "/api/traffic/limit",
         R"({"server_id":"x","threshold_type":"most"})",
         R"(400 {"error":"invalid threshold_type, must be one of: sum, max, up, down"})"},
        {"PUT", "/api/traffic/limits/batch", "", R"(400 {"error":"EOF"})"},
        {"PUT", "/api/traffic/limits/batch", "{}", R"(200 {"count":0,"success":true})"},
        {"POST", "/api/traffic/reset", "", R"(400 {"error":"EOF"})"},
        {"POST", "/api/traffic/reset", "{}", R"(400 {"error":"server_id is required"})"},
        {"POST",
         "/api/traffic/reset",
         R"({"server_id":"x"})",
         R"(404 {"error":"server not found: x"})"},
    };
    running s;
    run_coro([&]() -> net::task<> {
        for (const auto& c : cases) {
            CAPTURE(c.method);
            CAPTURE(c.path);
            CAPTURE(c.body);
            const auto got = co_await call(s, c.method, c.path, c.body);
            CHECK(got == c.answer);
            const auto refused = co_await s.http(c.method, c.path, c.body, false);
            CHECK(refused.status == 401);
        }
    });
}

TEST_CASE("a limit is pushed to that agent only, and told to it at every auth") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s, "one");
        const auto other = co_await enrol(s, "two");
        auto agent = co_await join(s, who);
        auto bystander = co_await join(s, other);
        const auto set = limit_of(who.id, R"("monthly_limit_gb":5.5,"reset_day":31)");
        const auto answer = co_await call(s, "PUT", "/api/traffic/limit", set);
        CHECK(answer == done);
        const std::string config =
            R"("traffic_config":{"monthly_limit_gb":5.5,"reset_day":1,"threshold_type":"sum"})";
        const auto push = co_await agent.next();
        CHECK(push.text == "{" + config + R"(,"type":"config"})");
        co_await bystander.fence();
        auto again = co_await s.connect("/ws/agent");
        const auto welcome = co_await again.ask(test::auth_of(who));
        CHECK(welcome == R"({"status":"ok",)" + config + R"(,"type":"auth"})");
        const auto stats = co_await s.http("GET", "/api/traffic/stats");
        CHECK(stats.body.find(R"("server_name":"one")") != std::string::npos);
        const auto one = co_await s.http("GET", "/api/traffic/stats/" + who.id);
        CHECK(one.body.find("server_name") == std::string::npos);
        CHECK(one.body.find(R"("monthly_limit_gb":5.5)") != std::string::npos);
    });
}

TEST_CASE("a batch of limits is listed as it was sent and pushed to nobody") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        auto agent = co_await join(s, who);
        auto answer = co_await call(
            s,
            "PUT",
            "/api/traffic/limits/batch",
            R"({"limits":[)" + limit_of(who.id, R"("monthly_limit_gb":10,"reset_day":40)") +
                R"(,{"monthly_limit_gb":1},{"server_id":"none","monthly_limit_gb":0},)" +
                R"({"server_id":"y","monthly_limit_gb":2,"threshold_type":"up","reset_day":3,"warning":50}]})"
        );
        CHECK(answer == R"(200 {"count":2,"success":true})");
        co_await agent.fence();
        answer = co_await call(s, "GET", "/api/traffic/limits", "");
        const std::string y =
            R"({"server_id":"y","monthly_gb":2,"type":"up","reset_day":3,"warning":50})";
        CHECK(
            answer == R"(200 [{"server_id":")" + who.id +
                          R"(","monthly_gb":10,"type":"","reset_day":40,"warning":80},)" + y + "]"
        );
        answer = co_await call(s, "DELETE", "/api/traffic/limits/" + who.id, "");
        CHECK(answer == done);
        answer = co_await call(s, "GET", "/api/traffic/limits", "");
        CHECK(answer == "200 [" + y + "]");
        answer = co_await call(s, "GET", "/api/traffic/summary", "");
        CHECK(answer.starts_with(
            R"(200 {"total_servers":3,"servers_with_limit":1,"over_limit_count":0,"warning_count":0,)"
        ));
    });
}

TEST_CASE("a change of one server's limit writes one row, however many have one") {
    running s;
    run_coro([&]() -> net::task<> {
        std::string limits;
        for (int i = 0; i < 50; ++i) {
            limits += (i > 0 ? "," : "") + limit_of(std::to_string(i), R"("monthly_limit_gb":1)");
        }
        co_await call(s, "PUT", "/api/traffic/limits", R"({"limits":[)" + limits + "]}");
        co_await s->flush();
        const auto before = s->current().rows_written;
        const auto one = limit_of("7", R"("monthly_limit_gb":2)");
        const auto put = co_await call(s, "PUT", "/api/traffic/limit", one);
        CHECK(put == done);
        co_await s->flush();
        CHECK(s->current().rows_written == before + 1);
        const auto reset = limit_of("7", R"("reset_to_zero":true)");
        const auto answer = co_await call(s, "POST", "/api/traffic/reset", reset);
        CHECK(answer == done);
        co_await s->flush();
        CHECK(s->current().rows_written == before + 2);
    });
}

TEST_CASE("counters that grow become statistics and days, and both survive a restart") {
    const test::db_file file;
    server::options o;
    o.db_path = file.path();
    o.traffic_tick = 20ms;
    proto::register_reply who;
    {
        running s{o};
        run_coro([&]() -> net::task<> {
            who = co_await enrol(s, "one");
            auto agent = co_await join(s, who);
            const auto path = "/api/traffic/stats/" + who.id;
            // The first reading counts nothing, so it may take several until one is not the first.
            std::uint64_t sent = 0;
            for (unsigned status = 404; status != 200;) {
                ++sent;
                co_await agent.send(counters(sent * 1000, sent * 500));
                co_await agent.fence();
                const auto got = co_await s.http("GET", path);
                status = got.status;
            }
            const auto got = co_await call(
                s, "PUT", "/api/traffic/limit", limit_of(who.id, R"("monthly_limit_gb":1)")
            );
            CHECK(got == done);
        });
    }
    o.traffic_tick = 60s;
    running s{o};
    run_coro([&]() -> net::task<> {
        const auto stats = co_await s.http("GET", "/api/traffic/stats/" + who.id);
        CHECK(stats.status == 200);
        CHECK(stats.body.find(R"("tx_bytes":0)") == std::string::npos);
        CHECK(stats.body.find(R"("monthly_limit_gb":1)") != std::string::npos);
        const auto days = co_await s.http("GET", "/api/traffic/daily/" + who.id);
        CHECK(
            days.body.find(R"("server_name":"one","period":"","daily":[{"date":")") !=
            std::string::npos
        );
        CHECK(days.body.find(R"("limit_gb":1)") != std::string::npos);
        const auto reset = co_await call(
            s, "POST", "/api/traffic/reset", limit_of(who.id, R"("reset_to_zero":true)")
        );
        CHECK(reset == done);
        const auto zero = co_await s.http("GET", "/api/traffic/stats/" + who.id);
        CHECK(zero.body.find(R"("tx_bytes":0)") != std::string::npos);
    });
}

TEST_CASE("an update command goes to the agent, with what was given and no more") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await enrol(s);
        const auto path = "/api/servers/" + who.id + "/update";
        const auto locked = co_await s.http("POST", path, "", false);
        CHECK(locked.status == 401);
        auto answer = co_await call(s, "POST", path, "");
        CHECK(answer == R"(200 {"success":false,"message":"Agent is not connected"})");
        auto agent = co_await join(s, who);
        const std::string sent = R"(200 {"success":true,"message":"Update command sent to agent"})";
        for (const auto& [body, command] :
             std::initializer_list<std::pair<const char*, const char*>>{
                 {"", R"({"type":"command","command":"update"})"},
                 {"nonsense", R"({"type":"command","command":"update"})"},
                 {R"({"download_url":"http://x/y","force":true})",
                  R"({"type":"command","command":"update","download_url":"http://x/y","force":true})"
                 },
             }) {
            CAPTURE(body);
            answer = co_await call(s, "POST", path, body);
            CHECK(answer == sent);
            const auto command_seen = co_await agent.next();
            CHECK(command_seen.text == command);
        }
        // The closing of any connection of this id takes it off the list.
        auto twin = co_await join(s, who);
        co_await twin.close();
        for (int i = 0; i < 1000 && answer == sent; ++i) {
            answer = co_await call(s, "POST", path, "");
        }
        CHECK(answer == R"(200 {"success":false,"message":"Agent is not connected"})");
    });
}

TEST_CASE("an agent that takes nothing in misses what comes when sixteen messages wait for it") {
    test::db_file file;
    server::registry servers;
    server::settings set;
    server::counters counts;
    const server::traffic used{servers};
    server::store rows{server::writer::open(file.path()).value(), server::store_limits{}};
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        server::agents all{here, servers, set, used, rows, counts};
        net::group serving{here};
        std::vector<proto::server_fields> wanted(1);
        const auto entry = servers.add(std::move(wanted)).front();
        auto peer = std::make_shared<test::fake_peer>(here);
        peer->is_deaf = true;
        peer->script.push_back(test::auth_of({*entry->id, entry->token}));
        serving.spawn(all.serve(peer));
        while (counts.auth_ok == 0) {
            co_await net::asio::post(here, net::asio::use_awaitable);
        }
        const auto text = std::make_shared<const std::string>("{}");
        int queued = 0;
        while (all.tell(*entry->id, text) == server::delivery::queued) {
            ++queued;
        }
        CHECK(queued >= 15); // the reply to the auth may be in the queue or on its way
        CHECK(queued <= 17);
        CHECK((all.tell(*entry->id, text) == server::delivery::full));
        CHECK((all.tell("other", text) == server::delivery::not_connected));
        peer->abort();
        co_await serving.drain();
        co_await all.drain();
        co_await rows.close();
    });
}
