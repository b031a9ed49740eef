#include "server/api.hpp"

#include "agent_helpers.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace vsim;
using test::run_coro;
using test::running;

namespace {

const std::string json_type = "application/json; charset=utf-8";

std::string header_of(const net::http_response& r, std::string_view name) {
    for (const auto& [key, value] : r.headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

using objects = std::vector<proto::server_object>;

net::task<objects> listed(running& s) {
    const auto got = co_await s.http("GET", "/api/servers", "", false);
    CHECK(got.status == 200);
    co_return proto::decode<objects>(got.body).value();
}

} // namespace

TEST_CASE("every route answers a fresh server's request with its status, type and body") {
    struct expected {
        const char *method, *path, *body;
        unsigned status;
        std::string type, answer;
    };
    const std::string text_type = "text/plain; charset=utf-8";
    const std::string bad = R"({"error":"Invalid request"})";
    const std::string no_page = "404 page not found";
    const std::string gin_type = "text/plain";
    const expected cases[] = {
        {"GET", "/health", "", 200, text_type, "OK"},
        {"GET", "/version", "", 200, json_type, R"({"version":"dev","channel":"stable"})"},
        {"GET", "/api/version", "", 200, json_type, R"({"version":"dev","channel":"stable"})"},
        {"POST", "/api/auth/login", "", 400, json_type, bad},
        {"POST", "/api/auth/login", "{", 400, json_type, bad},
        {"POST", "/api/auth/login", R"({"password":7})", 400, json_type, bad},
        {"POST",
         "/api/auth/login",
         R"({"password":"no"})",
         401,
         json_type,
         R"({"error":"Invalid password"})"},
        {"POST", "/api/auth/login", "{}", 401, json_type, R"({"error":"Invalid password"})"},
        {"GET", "/api/auth/verify", "", 200, json_type, R"({"status":"valid"})"},
        {"GET", "/api/servers", "", 200, json_type, "[]"},
        {"POST", "/api/servers", "", 400, json_type, bad},
        {"POST", "/api/servers", "[]", 400, json_type, bad},
        {"POST", "/api/servers/import", "{}", 400, json_type, R"({"error":"Invalid JSON format"})"},
        {"POST", "/api/servers/import", "", 400, json_type, R"({"error":"Invalid JSON format"})"},
        {"POST",
         "/api/servers/import",
         R"([{"name":1}])",
         400,
         json_type,
         R"({"error":"Invalid JSON format"})"},
        {"POST", "/api/servers/import", "[]", 400, json_type, R"({"error":"No servers to import"})"
        },
        {"PUT", "/api/servers/none", "{}", 404, json_type, R"({"error":"Server not found"})"},
        {"PUT", "/api/servers/none", "[", 400, json_type, bad},
        {"DELETE", "/api/servers/none", "", 200, "", ""},
        {"POST", "/api/agent/register", "", 400, json_type, bad},
        {"GET",
         "/api/metrics",
         "",
         501,
         json_type,
         R"({"error":"Local metrics collection is not available","message":"Please install an agent to report metrics"})"
        },
        {"GET", "/api/metrics/all", "", 200, json_type, "null"},
        {"GET", "/api/online-users", "", 200, json_type, R"({"count":0})"},
        {"GET", "/api/groups", "", 200, json_type, "[]"},
        {"GET", "/api/aff-providers", "", 200, json_type, "[]"},
        {"GET", "/api/settings/aff-providers", "", 200, json_type, "[]"},
        {"GET", "/api/sso/bindings", "", 200, json_type, R"({"bindings":[]})"},
        {"GET",
         "/api/settings/oauth",
         "",
         200,
         json_type,
         R"({"allowed_users":[],"use_centralized":false})"},
        {"GET", "/api/themes", "", 200, json_type, R"({"installed":[],"current":"midnight"})"},
        {"GET",
         "/api/auth/oauth/providers",
         "",
         200,
         json_type,
         R"({"centralized":false,"providers":{}})"},
        {"GET",
         "/api/version/check",
         "",
         200,
         json_type,
         R"({"current":"dev","channel":"stable","update_available":false,"nightly_available":false})"
        },
        {"GET", "/api/settings/probe", "", 200, json_type, R"({"ping_targets":[]})"},
        {"PUT", "/api/settings/probe", "x", 400, json_type, bad},
        {"GET",
         "/api/history/none?range=7d",
         "",
         200,
         json_type,
         R"({"server_id":"none","range":"7d","data":null})"},
        {"GET", "/", "", 404, gin_type, no_page},
        {"GET", "/api", "", 404, gin_type, no_page},
        {"GET", "/api/nothing", "", 404, gin_type, no_page},
        {"GET", "/ws/nothing", "", 404, gin_type, no_page},
        {"GET", "//api/servers", "", 404, gin_type, no_page},
        {"PATCH", "/api/servers", "", 404, gin_type, no_page},
        {"GET", "/ws/agent", "", 400, text_type, "Bad Request\n"},
        {"GET", "/ws", "", 400, text_type, "Bad Request\n"},
        {"OPTIONS", "/api/servers", "", 204, "", ""},
        {"OPTIONS", "/nothing", "", 204, "", ""},
        {"OPTIONS", "/ws", "", 204, "", ""},
    };
    running s;
    run_coro([&]() -> net::task<> {
        for (const auto& c : cases) {
            CAPTURE(c.method);
            CAPTURE(c.path);
            CAPTURE(c.body);
            const auto got = co_await s.http(c.method, c.path, c.body);
            CHECK(got.status == c.status);
            CHECK(got.content_type == c.type);
            CHECK(got.body == c.answer);
            CHECK(header_of(got, "Access-Control-Allow-Origin") == "*");
            CHECK(
                header_of(got, "Access-Control-Allow-Methods") == "GET, POST, PUT, DELETE, OPTIONS"
            );
            CHECK(header_of(got, "Access-Control-Allow-Headers") == "*");
        }
        CHECK(s->current().requests > 30);
    });
}

TEST_CASE("protected routes want a bearer token, the others do not") {
    const std::pair<const char*, const char*> locked[] = {
        {"GET", "/api/auth/verify"},
        {"POST", "/api/servers"},
        {"POST", "/api/servers/import"},
        {"GET", "/api/servers/export"},
        {"PUT", "/api/servers/x"},
        {"DELETE", "/api/servers/x"},
        {"POST", "/api/agent/register"},
        {"GET", "/api/settings/probe"},
        {"PUT", "/api/settings/probe"},
    };
    const std::pair<std::vector<std::string>, const char*> refusals[] = {
        {{}, "Missing authorization header"},
        {{"token"}, "Invalid authorization header format"},
        {{"bearer token"}, "Invalid authorization header format"},
        {{"Bearer token"}, "Invalid token"},
        {{"Bearer "}, "Invalid authorization header format"}, // trailing blanks are no part of it
    };
    running s;
    run_coro([&]() -> net::task<> {
        for (const auto& [method, path] : locked) {
            for (const auto& [headers, why] : refusals) {
                CAPTURE(path);
                CAPTURE(why);
                net::http_request r;
                r.method = method;
                r.target = path;
                r.body = "{";
                for (const auto& value : headers) {
                    r.headers.emplace_back("Authorization", value);
                }
                const auto got = co_await s.http(std::move(r));
                CHECK(got.status == 401);
                CHECK(got.body == R"({"error":")" + std::string{why} + R"("})");
            }
        }
        for (const char* path :
             {"/health",
              "/version",
              "/api/servers",
              "/api/metrics/all",
              "/api/history/x",
              "/api/online-users",
              "/api/groups",
              "/api/dimensions",
              "/api/settings/site"}) {
            CAPTURE(path);
            const auto got = co_await s.http("GET", path, "", false);
            CHECK(got.status == 200);
        }
    });
}

TEST_CASE("the password gives a token that opens protected routes for seven days") {
    server::options o;
    o.password = "open sesame";
    o.token = "own";
    running s{o};
    run_coro([&]() -> net::task<> {
        CHECK(s->password() == "open sesame");
        CHECK(s->admin_token() == "own");
        std::set<std::string> tokens;
        for (int i = 0; i < 2; ++i) {
            const auto got =
                co_await s.http("POST", "/api/auth/login", R"({"password":"open sesame"})", false);
            REQUIRE(got.status == 200);
            const auto reply = proto::decode<proto::login_reply>(got.body).value();
            tokens.insert(reply.token);
            const auto left =
                util::parse_rfc3339(reply.expires_at).value().at - std::chrono::system_clock::now();
            CHECK(left > std::chrono::hours{7 * 24 - 1});
            CHECK(left < std::chrono::hours{7 * 24 + 1});
        }
        CHECK(tokens.size() == 2);
        tokens.insert("own");
        for (const auto& token : tokens) {
            net::http_request r;
            r.target = "/api/auth/verify";
            r.headers.emplace_back("Authorization", "Bearer " + token);
            const auto got = co_await s.http(std::move(r));
            CHECK(got.status == 200);
        }
    });
}

TEST_CASE("a server is created, changed in part and deleted") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto made = co_await s.http(
            "POST",
            "/api/servers",
            R"({"name":"n","location":"Tokyo","group_values":{"purpose":"testing"},"id":"x","token":"y",)"
            R"("ip":"z","unknown":1})"
        );
        CHECK(made.status == 200);
        const auto object = proto::decode<proto::server_object>(made.body).value();
        CHECK(object.id.size() == 36);
        CHECK(object.token.size() == 36);
        CHECK(
            made.body ==
            R"({"id":")" + object.id +
                R"(","name":"n","url":"","location":"Tokyo","provider":"","tag":"","token":")" +
                object.token + R"(","version":"","ip":"","group_values":{"purpose":"testing"}})"
        );
        const auto changed = co_await s.http(
            "PUT",
            "/api/servers/" + object.id,
            R"({"name":"m","tag":null,"provider":"AWS","auto_renew":true,"token":"y","url":"u"})"
        );
        CHECK(changed.status == 200);
        auto expected = object;
        expected.fields.name = "m";
        expected.fields.provider = "AWS";
        expected.fields.auto_renew = true;
        CHECK(proto::decode<proto::server_object>(changed.body).value() == expected);
        auto all = co_await listed(s);
        CHECK(all == objects{expected});
        const auto view = co_await s.http("GET", "/api/metrics/all");
        CHECK(view.body.find(R"("server_name":"m")") != std::string::npos);
        CHECK(view.body.find(R"("online":false,"metrics":null)") != std::string::npos);

        const auto deleted = co_await s.http("DELETE", "/api/servers/" + object.id);
        CHECK(deleted.status == 200);
        CHECK(deleted.body == "");
        all = co_await listed(s);
        CHECK(all.empty());
    });
}

TEST_CASE("an import takes the rows that have a name, in their order, up to a hundred") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto mixed = co_await s.http(
            "POST",
            "/api/servers/import",
            R"([{"name":"a","notes":"kept","url":"dropped"},{"location":"x"},null,{"name":"b"}])"
        );
        CHECK(mixed.status == 200);
        const auto reply = proto::decode<proto::import_reply>(mixed.body).value();
        CHECK(reply.success == 2);
        CHECK(reply.failed == 2);
        CHECK(
            reply.errors ==
            std::vector<std::string>{"Row 2: name is required", "Row 3: name is required"}
        );
        const auto all = co_await listed(s);
        REQUIRE(all.size() == 2);
        CHECK(all[0].id == reply.server_ids.at(0));
        CHECK(all[0].fields.name == "a");
        CHECK(all[0].fields.notes == "kept");
        CHECK(all[0].fields.url == "");
        CHECK(all[1].id == reply.server_ids.at(1));

        std::string rows = "[";
        for (int i = 0; i < 100; ++i) {
            rows += R"({"name":"n"},)";
        }
        const auto many = co_await s.http("POST", "/api/servers/import", rows + R"({"name":"n"}])");
        CHECK(many.status == 400);
        CHECK(many.body == R"({"error":"Maximum 100 servers per import"})");
        rows.back() = ']';
        const auto most = co_await s.http("POST", "/api/servers/import", rows);
        CHECK(proto::decode<proto::import_reply>(most.body).value().success == 100);
        CHECK(s->current().servers == 102);
    });
}

TEST_CASE("an export has tokens when they are asked for") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto who = co_await test::enrol(s);
        const auto with =
            co_await s.http("GET", "/api/servers/export?format=json&include_tokens=true");
        CHECK(with.status == 200);
        CHECK(with.body.find(who.token) != std::string::npos);
        CHECK(with.body.find(R"("count":1})") != std::string::npos);
        const auto without = co_await s.http("GET", "/api/servers/export");
        CHECK(without.body.find(who.token) == std::string::npos);
        CHECK(without.body.find(who.id) != std::string::npos);
    });
}

TEST_CASE("register answers with id and token only") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto made = co_await s.http(
            "POST", "/api/agent/register", R"({"name":"n","location":"l","provider":"p","tag":"t"})"
        );
        const auto reply = proto::decode<proto::register_reply>(made.body).value();
        CHECK(made.body == R"({"id":")" + reply.id + R"(","token":")" + reply.token + R"("})");
        const auto all = co_await listed(s);
        REQUIRE(all.size() == 1);
        CHECK(all[0].id == reply.id);
        CHECK(all[0].token == reply.token);
        CHECK(all[0].fields.location == "l");
        CHECK(all[0].fields.provider == "p");
        CHECK(all[0].fields.tag == "");
    });
}

TEST_CASE("probe settings are what was put, null when the key was missing") {
    running s;
    run_coro([&]() -> net::task<> {
        const std::pair<const char*, const char*> cases[] = {
            {R"({"ping_targets":[{"name":"Web","host":"h","type":"tcp","port":443,"x":1}]})",
             R"({"ping_targets":[{"name":"Web","host":"h","type":"tcp","port":443}]})"},
            {R"({"ping_targets":[]})", R"({"ping_targets":[]})"},
            {"{}", R"({"ping_targets":null})"},
        };
        for (const auto& [body, stored] : cases) {
            const auto put = co_await s.http("PUT", "/api/settings/probe", body);
            CHECK(put.status == 200);
            CHECK(put.body == "");
            const auto got = co_await s.http("GET", "/api/settings/probe");
            CHECK(got.body == stored);
        }
    });
}

TEST_CASE("a slash too many at the end is redirected with the query") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto got = co_await s.http("GET", "/api/history/x/?range=7d");
        CHECK(got.status == 301);
        CHECK(header_of(got, "Location") == "/api/history/x?range=7d");
        CHECK(got.content_type == "text/html; charset=utf-8");
        CHECK(got.body == "<a href=\"/api/history/x?range=7d\">Moved Permanently</a>.\n\n");
        const auto posted = co_await s.http("POST", "/api/servers/", "{}");
        CHECK(posted.status == 307);
        CHECK(header_of(posted, "Location") == "/api/servers");
    });
}

TEST_CASE("history over HTTP defaults to 24h and all, and takes the number since begins with") {
    running s;
    run_coro([&]() -> net::task<> {
        const auto plain = co_await s.http("GET", "/api/history/x", "", false);
        const auto reply = proto::decode<proto::history_reply>(plain.body).value();
        CHECK(reply.range == "24h");
        CHECK(reply.last_bucket.has_value());
        for (const auto& [query, incremental] :
             {std::pair{"?since=5", true},
              {"?since=0", false},
              {"?since=5x", true},
              {"?since=", false},
              {"?since=-1", false}}) {
            CAPTURE(query);
            const auto got = co_await s.http("GET", std::string("/api/history/x") + query);
            CHECK(proto::decode<proto::history_reply>(got.body).value().incremental == incremental);
        }
    });
}
