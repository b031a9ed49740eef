#include "agent_helpers.hpp"
#include "proto/encode.hpp"
#include "server/settings.hpp"
#include "table.hpp"

#include <string>
#include <vector>

using namespace vsim;
using test::run_coro;
using test::running;

namespace {

const std::string bad = R"({"error":"Invalid request"})";

net::task<std::string> body_of(running& s, std::string path) {
    const auto got = co_await s.http("GET", std::move(path));
    CHECK(got.status == 200);
    co_return got.body;
}

// The status and the body.
net::task<std::string> call(running& s, std::string method, std::string path, std::string body) {
    const auto got = co_await s.http(std::move(method), std::move(path), std::move(body));
    co_return std::to_string(got.status) + " " + got.body;
}

// Of what a POST made.
std::string id_in(const std::string& answer) {
    const auto at = answer.find(R"("id":")");
    REQUIRE(at != std::string::npos);
    return answer.substr(at + 6, 36);
}

const std::string site =
    R"({"site_name":"Mine","site_description":"","social_links":[{"platform":"x","url":"u","label":"l"}],)"
    R"("theme":{"theme_id":"daylight","background":{"type":"solid","solid_color":"#fff","blur":3}}})";

} // namespace

TEST_CASE("changing settings wants a bearer token") {
    running s;
    run_coro([&]() -> net::task<> {
        for (const auto& [method, path] :
             std::initializer_list<std::pair<const char*, const char*>>{
                 {"PUT", "/api/settings/site"},
                 {"GET", "/api/settings/geoip"},
                 {"PUT", "/api/settings/geoip"},
                 {"POST", "/api/groups"},
                 {"PUT", "/api/groups/x"},
                 {"DELETE", "/api/groups/x"},
                 {"POST", "/api/dimensions"},
                 {"PUT", "/api/dimensions/x"},
                 {"DELETE", "/api/dimensions/x"},
                 {"POST", "/api/dimensions/x/options"},
                 {"PUT", "/api/dimensions/x/options/y"},
                 {"DELETE", "/api/dimensions/x/options/y"},
             }) {
            CAPTURE(path);
            const auto got = co_await s.http(method, path, "{}", false);
            CHECK(got.status == 401);
        }
    });
}

TEST_CASE("site settings are stored whole, told to every dashboard and name the theme") {
    running s;
    run_coro([&]() -> net::task<> {
        auto viewer = co_await s.connect("/ws");
        test::arrival seen;
        while (!seen.closed && seen.text.find("stream_end") == std::string::npos) {
            seen = co_await viewer.next();
        }
        auto answer = co_await call(s, "PUT", "/api/settings/site", site);
        CHECK(answer == "200 ");
        const auto news = co_await viewer.next();
        CHECK(news.text == R"({"site_settings":)" + site + R"(,"type":"site_settings"})");
        auto stored = co_await body_of(s, "/api/settings/site");
        CHECK(stored == site);
        const auto themes = co_await body_of(s, "/api/themes");
        CHECK(themes == R"({"installed":[],"current":"daylight"})");
        answer = co_await call(s, "PUT", "/api/settings/site", "{}");
        CHECK(answer == "200 ");
        stored = co_await body_of(s, "/api/settings/site");
        CHECK(stored == R"({"site_name":"","site_description":"","social_links":null})");
        answer = co_await call(s, "PUT", "/api/settings/site", "[]");
        CHECK(answer == "400 " + bad);
    });
}

TEST_CASE("GeoIP settings are stored and shown with the token hidden") {
    running s;
    run_coro([&]() -> net::task<> {
        auto shown = co_await body_of(s, "/api/settings/geoip");
        CHECK(
            shown ==
            R"({"auto_update":true,"ipinfo_token":"","last_update":"","mmdb_loaded":false,)"
            R"("mmdb_path":"","provider":"auto","update_interval_hr":0})"
        );
        const std::string fine = R"(200 {"mmdb_loaded":false,"success":true})";
        auto answer = co_await call(
            s,
            "PUT",
            "/api/settings/geoip",
            R"({"provider":"ipinfo","ipinfo_token":"0123456789ab"})"
        );
        CHECK(answer == fine);
        const std::string hidden =
            R"({"auto_update":false,"ipinfo_token":"0123****89ab","last_update":"","mmdb_loaded":false,)"
            R"("mmdb_path":"","provider":"ipinfo","update_interval_hr":24})";
        shown = co_await body_of(s, "/api/settings/geoip");
        CHECK(shown == hidden);
        // What was shown may be sent back, and does not become the token.
        answer = co_await call(
            s,
            "PUT",
            "/api/settings/geoip",
            R"({"provider":"ipinfo","ipinfo_token":"0123****89ab"})"
        );
        CHECK(answer == fine);
        shown = co_await body_of(s, "/api/settings/geoip");
        CHECK(shown == hidden);
        answer = co_await call(s, "PUT", "/api/settings/geoip", R"({"provider":"none"})");
        CHECK(
            answer == R"(400 {"error":"Invalid provider. Must be: auto, mmdb, ip-api, or ipinfo"})"
        );
        answer = co_await call(s, "PUT", "/api/settings/geoip", "");
        CHECK(answer == "400 " + bad);
        answer = co_await call(s, "PUT", "/api/settings/geoip", R"({"provider":"mmdb"})");
        CHECK(
            answer ==
            R"(500 {"error":"Failed to apply config: failed to load MMDB: no MMDB file found"})"
        );
        shown = co_await body_of(s, "/api/settings/geoip"); // switched all the same
        CHECK(shown.find(R"("provider":"mmdb")") != std::string::npos);
    });
}

TEST_CASE("groups are made, changed in part and deleted, from their servers too") {
    running s;
    run_coro([&]() -> net::task<> {
        auto answer = co_await call(s, "POST", "/api/groups", R"({"name":"a","sort_order":2})");
        const auto id = id_in(answer);
        const auto group = R"({"id":")" + id + R"(","name":"a","sort_order":2})";
        CHECK(answer == "200 " + group);
        auto all = co_await body_of(s, "/api/groups");
        CHECK(all == "[" + group + "]");
        answer = co_await call(s, "PUT", "/api/groups/" + id, R"({"name":"b"})");
        CHECK(answer == R"(200 {"id":")" + id + R"(","name":"b","sort_order":2})");
        answer = co_await call(s, "PUT", "/api/groups/x", R"({"name":"b"})");
        CHECK(answer == R"(404 {"error":"Group not found"})");
        answer = co_await call(s, "POST", "/api/groups", R"({"name":1})");
        CHECK(answer == "400 " + bad);

        co_await call(s, "POST", "/api/servers", R"({"name":"in","group_id":")" + id + R"("})");
        auto view = co_await body_of(s, "/api/metrics/all");
        CHECK(view.find(R"("tag":"","group_id":")" + id + R"(","version")") != std::string::npos);
        auto viewer = co_await s.connect("/ws");
        const auto init = co_await viewer.next();
        CHECK(init.text.find(R"("groups":[{"id":")" + id) != std::string::npos);

        answer = co_await call(s, "DELETE", "/api/groups/" + id, "");
        CHECK(answer == "200 ");
        answer = co_await call(s, "DELETE", "/api/groups/" + id, "");
        CHECK(answer == "200 ");
        all = co_await body_of(s, "/api/groups");
        CHECK(all == "[]");
        view = co_await body_of(s, "/api/servers");
        CHECK(view.find("group_id") == std::string::npos);
    });
}

TEST_CASE("dimensions and their options are made, changed in part and deleted") {
    running s;
    run_coro([&]() -> net::task<> {
        auto all = co_await body_of(s, "/api/dimensions");
        CHECK(all == proto::to_json(server::default_dimensions()));
        const std::string path = "/api/dimensions";
        auto answer =
            co_await call(s, "POST", path, R"({"name":"Rack","key":"rack","enabled":true})");
        const auto id = id_in(answer);
        CHECK(
            answer ==
            R"(200 {"id":")" + id +
                R"(","name":"Rack","key":"rack","enabled":true,"sort_order":0,"options":[]})"
        );
        answer = co_await call(s, "POST", path, R"({"name":"Other","key":"rack"})");
        CHECK(answer == R"(409 {"error":"Dimension key already exists"})");
        answer = co_await call(s, "POST", path, "");
        CHECK(answer == "400 " + bad);
        answer = co_await call(s, "POST", path + "/" + id + "/options", R"({"name":"A1"})");
        const auto option = id_in(answer);
        CHECK(answer == R"(200 {"id":")" + option + R"(","name":"A1","sort_order":0})");
        answer =
            co_await call(s, "PUT", path + "/" + id + "/options/" + option, R"({"sort_order":7})");
        CHECK(answer == R"(200 {"id":")" + option + R"(","name":"A1","sort_order":7})");
        answer = co_await call(s, "PUT", path + "/" + id, R"({"enabled":false,"key":"kept"})");
        CHECK(
            answer ==
            R"(200 {"id":")" + id +
                R"(","name":"Rack","key":"rack","enabled":false,"sort_order":0,"options":[)"
                R"({"id":")" +
                option + R"(","name":"A1","sort_order":7}]})"
        );
        const std::string no_dimension = R"(404 {"error":"Dimension not found"})";
        const std::string no_option = R"(404 {"error":"Option not found"})";
        answer = co_await call(s, "PUT", path + "/x", "{}");
        CHECK(answer == no_dimension);
        answer = co_await call(s, "POST", path + "/x/options", "{}");
        CHECK(answer == no_dimension);
        answer = co_await call(s, "PUT", path + "/x/options/y", "{}");
        CHECK(answer == no_option);
        answer = co_await call(s, "PUT", path + "/" + id + "/options/y", "{}");
        CHECK(answer == no_option);
        answer = co_await call(s, "DELETE", path + "/" + id + "/options/y", "");
        CHECK(answer == no_option);

        co_await call(
            s,
            "POST",
            "/api/servers",
            R"({"name":"in","group_values":{"purpose":"testing",")" + id + R"(":")" + option +
                R"("}})"
        );
        answer = co_await call(s, "DELETE", path + "/" + id + "/options/" + option, "");
        CHECK(answer == "200 ");
        auto servers = co_await body_of(s, "/api/servers");
        CHECK(servers.find(R"("group_values":{"purpose":"testing"})") != std::string::npos);
        answer = co_await call(s, "DELETE", path + "/purpose", "");
        CHECK(answer == "200 ");
        servers = co_await body_of(s, "/api/servers");
        CHECK(servers.find("group_values") == std::string::npos);
        all = co_await body_of(s, "/api/dimensions");
        CHECK(all.find("purpose") == std::string::npos);
    });
}

TEST_CASE("settings, groups and dimensions are there after a restart") {
    const test::db_file file;
    server::options o;
    o.db_path = file.path();
    const std::vector<std::string> paths{
        "/api/settings/site",
        "/api/settings/geoip",
        "/api/groups",
        "/api/dimensions",
        "/api/traffic/limits",
        "/api/servers"
    };
    std::vector<std::string> before;
    {
        running s{o};
        run_coro([&]() -> net::task<> {
            co_await call(s, "PUT", "/api/settings/site", site);
            co_await call(s, "PUT", "/api/settings/geoip", R"({"provider":"ip-api"})");
            const auto group = co_await call(s, "POST", "/api/groups", R"({"name":"a"})");
            co_await call(
                s, "POST", "/api/servers", R"({"name":"in","group_id":")" + id_in(group) + R"("})"
            );
            co_await call(s, "DELETE", "/api/groups/" + id_in(group), "");
            co_await call(s, "POST", "/api/groups", R"({"name":"b"})");
            co_await call(s, "DELETE", "/api/dimensions/purpose", "");
            co_await call(
                s,
                "PUT",
                "/api/traffic/limits/batch",
                R"({"limits":[{"server_id":"x","monthly_limit_gb":3}]})"
            );
            for (const auto& path : paths) {
                const auto text = co_await body_of(s, path);
                before.push_back(text);
            }
            CHECK(before[5].find("group_id") == std::string::npos);
        });
    }
    running s{o};
    run_coro([&]() -> net::task<> {
        for (std::size_t i = 0; i < paths.size(); ++i) {
            CAPTURE(paths[i]);
            const auto text = co_await body_of(s, paths[i]);
            CHECK(text == before[i]);
        }
    });
}
