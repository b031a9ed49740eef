#include "server/excerpt.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using vsim::server::excerpt;

TEST_CASE("an excerpt begins at the field that was wrong") {
    const std::string_view json =
        R"({"type":"metrics","metrics":{"disks":[{"name":"a"}],"uptime":1.5,"version":"v1"}})";
    CHECK(excerpt(json, "metrics.uptime") == R"(..."uptime":1.5,"version":"v1"}})");
    CHECK(excerpt(json, "metrics.uptime", 15) == R"(..."uptime":1.5...)");
    CHECK(excerpt(json, "metrics.disks.0", 14) == R"(..."disks":[{"name"...)");
    CHECK(excerpt(json, "", 10) == R"({"type":"metrics"...)");
    CHECK(excerpt(json, "no.such.field", 10) == R"({"type":"metrics"...)");
    CHECK(excerpt("", "") == "");
    CHECK(excerpt("[]", "") == "[]");
}

TEST_CASE("an excerpt shows no token, however the message is broken") {
    const std::string secret = "801d407d-178e-43bd-9a56-f86a892186c1";
    for (const std::string& json :
         {R"({"type":"auth","server_id":1,"token":")" + secret + R"("})",
          R"({"TOKEN" : ")" + secret + R"(","type":1})",
          R"({"type":"auth","token":")" + secret,
          R"({"type":"auth","token":[")" + secret + R"("],"server_id":1})",
          R"({"type":"auth","token":)" + secret + "}",
          R"({"token":"x\")" + secret + R"("})",
          R"({"t\u006fken":")" + secret + R"("})",
          R"({"other":")" + secret + R"("})"}) {
        for (const char* path : {"", "token", "server_id", "type"}) {
            CAPTURE(json);
            CAPTURE(path);
            const auto shown = excerpt(json, path, 1000);
            CAPTURE(shown);
            CHECK(shown.find("801d407d") == shown.npos);
            CHECK(shown.find("86c1") == shown.npos);
        }
    }
    const auto shown = excerpt(R"({"token":"short","server_id":1})", "");
    CHECK(shown == R"({"token":***,"server_id":1})");
}

TEST_CASE("an excerpt ends at a token that is not where and what it should be") {
    for (const std::string json :
         {R"({"token":["a","SECRET"],"b":1})",
          R"({"token":{"a":1,"b":"SECRET"}})",
          R"({"token":7,"b":"SECRET"})",
          R"({"token":"a" "SECRET"})",
          R"({"token":"a"SECRET"})",
          R"({"token":"a","SECRET"})",
          R"({"token" "SECRET"})",
          R"({"a":"x"","token":"SECRET"})",
          R"({"a":"{\"token\":\"SECRET\"}"})",
          R"({"token=SECRET":"b"})",
          R"({'a': 1, 'token': 'SECRET'})",
          R"({'a': 1, 'Token': "SECRET"})",
          R"({'a': 1, 't\u006fken': 'SECRET'})",
          R"(token=SECRET)",
          R"(a: 1, token: SECRET)"}) {
        for (const char* path : {"", "a", "token.b", "b"}) {
            CAPTURE(json);
            CAPTURE(path);
            const auto shown = excerpt(json, path, 1000);
            CAPTURE(shown);
            CHECK(shown.find("SECRET") == shown.npos);
            CHECK(shown.ends_with("***..."));
        }
    }
    CHECK(excerpt("{'a': 1, 'token': 'SECRET'}", "") == "{'a': 1, '***...");
}

TEST_CASE("an excerpt shows no long word, quoted or not") {
    const std::string_view secrets[] = {
        "801d407d-178e-43bd-9a56-f86a892186c1",
        "801D407D178E43BD9A56F86A892186C1",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    };
    for (const auto secret : secrets) {
        for (const std::string_view quote : {"", "'", "\"", "`"}) {
            const auto json = std::string{"{a:"}.append(quote).append(secret).append(quote) + ",b}";
            const auto shown = excerpt(json, "", 1000);
            CAPTURE(shown);
            CHECK(shown.find(secret.substr(0, 8)) == shown.npos);
            CHECK(shown.find(",b}") != shown.npos);
        }
    }
}

TEST_CASE("an excerpt is printable") {
    CHECK(excerpt("{\"a\n\":\"\xff\x1b[31m\"}", "") == "{\"a?\":\"??[31m\"}");
}
