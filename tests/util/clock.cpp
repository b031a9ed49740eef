#include "util/clock.hpp"

#include <doctest/doctest.h>

using namespace vsim::util;
using namespace std::chrono_literals;

TEST_CASE("an instant is written in UTC with the digits asked for") {
    const wall_time t = from_unix_seconds(1795491993) + 120ms;
    CHECK(format_rfc3339(t) == "2026-11-24T03:46:33Z");
    CHECK(format_rfc3339(t, 3) == "2026-11-24T03:46:33.120Z");
    CHECK(format_rfc3339(t, 9) == "2026-11-24T03:46:33.120000000Z");
    CHECK(format_rfc3339(from_unix_seconds(-1)) == "1969-12-31T23:59:59Z");
}

TEST_CASE("the times that the server accepts are read") {
    const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
    CHECK(at("2026-11-24T03:46:33Z").at == from_unix_seconds(1795491993));
    CHECK(at("2026-11-24T03:46:33.123456789Z").at == from_unix_seconds(1795491993) + 123456789ns);
    CHECK(
        at("2026-11-24T03:46:33.1234567899999Z").at == from_unix_seconds(1795491993) + 123456789ns
    );
    const auto east = at("2026-11-24T11:46:34.5+08:00");
    CHECK(east.at == from_unix_seconds(1795491994) + 500ms);
    CHECK(east.offset == 480min);
    CHECK(at("2026-11-24T00:16:33-03:30").at == from_unix_seconds(1795491993));
}

TEST_CASE("a year beyond what an instant holds is the nearest one that it does hold") {
    const auto at = [](const char* text) { return parse_rfc3339(text).value().at; };
    CHECK(at("8797-08-16T20:00:00Z") == at("2260-12-31T23:59:59.999999999Z"));
    CHECK(at("2261-01-01T00:00:00-12:00") == at("2260-12-31T23:59:59.999999999Z"));
    CHECK(at("0001-01-01T00:00:00Z") == at("1679-01-01T00:00:00Z"));
    CHECK(parse_rfc3339("8797-13-16T20:00:00Z").has_error());
}

TEST_CASE("the times that the server refuses are refused") {
    for (const char* text :
         {"",
          "2026-11-24 03:46:33Z",
          "2026-11-24t03:46:33Z",
          "2026-11-24T03:46:33z",
          "2026-11-24T03:46:33",
          "2026-11-24T03:46:33+0000",
          "2026-11-24T24:00:00Z",
          "2026-13-24T03:46:33Z",
          "2026-02-30T03:46:33Z",
          "2026-11-24T03:60:33Z",
          "2026-11-24T03:46:33.Z",
          "2026-11-24T03:46:33Zx",
          "1795491993",
          "2026-11-24T03:46:33+25:00"}) {
        CAPTURE(text);
        CHECK(parse_rfc3339(text).has_error());
    }
}

TEST_CASE("the second before the epoch is -1, not 0") {
    CHECK(unix_seconds(wall_time{-1ns}) == -1);
    CHECK(unix_seconds(wall_time{1ns}) == 0);
}
