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

TEST_CASE("an excerpt is printable") {
    CHECK(excerpt("{\"a\n\":\"\xff\x1b[31m\"}", "") == "{\"a?\":\"??[31m\"}");
}
