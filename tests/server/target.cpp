#include "server/target.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace vsim;

TEST_CASE("a target is taken apart into its path and the decoded parameters") {
    const auto t =
        server::parse_target("/api/history/a%20b?range=1h&type=a+b%21&since=&flag&range=7d");
    CHECK(t.path == "/api/history/a%20b");
    CHECK(t.value("range") == "1h"); // the first counts
    CHECK(t.value("type") == "a b!");
    CHECK(t.value("since", "x") == "");
    CHECK(t.value("flag", "x") == "");
    CHECK(t.value("none", "x") == "x");
    CHECK(server::parse_target("/").query.empty());
    CHECK(server::parse_target("/?").query.empty());
    CHECK(server::parse_target("").path == "");
}

TEST_CASE("a broken escape stays as it is") {
    for (const std::string text : {"%", "%4", "%4x", "%zz", "100%", "%-1", "%+1"}) {
        CAPTURE(text);
        std::string expected = text;
        for (auto& c : expected) {
            c = c == '+' ? ' ' : c;
        }
        CHECK(server::parse_target("/?a=" + text).value("a") == expected);
    }
}

TEST_CASE("a path matches a pattern part by part") {
    struct expected {
        const char *pattern, *path;
        bool matches;
        std::vector<std::string> values;
    };
    const expected cases[] = {
        {"/health", "/health", true, {}},
        {"/health", "/Health", false, {}},
        {"/health", "/health/", false, {}},
        {"/health", "/healthy", false, {}},
        {"/api/servers/:id", "/api/servers/one", true, {"one"}},
        {"/api/servers/:id", "/api/servers/a%2Fb+c", true, {"a/b+c"}},
        {"/api/servers/:id", "/api/servers/", false, {}},
        {"/api/servers/:id", "/api/servers", false, {}},
        {"/api/servers/:id", "/api/servers/one/two", false, {}},
        {"/api/servers/:id/update", "/api/servers/one/update", true, {"one"}},
        {"/a/:x/:y", "/a/1/2", true, {"1", "2"}},
        {"/api", "//api", false, {}},
    };
    for (const auto& c : cases) {
        CAPTURE(c.path);
        std::vector<std::string> values{"stale"};
        CHECK(server::match_path(c.pattern, c.path, values) == c.matches);
        if (c.matches) {
            CHECK(values == c.values);
        }
    }
}
