#include "util/parse.hpp"

#include <doctest/doctest.h>

using namespace vsim::util;
using namespace std::chrono_literals;

TEST_CASE("durations are read with units, combined units, or as bare seconds") {
    CHECK(parse_duration("500ms").value() == 500ms);
    CHECK(parse_duration("3s").value() == 3s);
    CHECK(parse_duration("2.5").value() == 2500ms);
    CHECK(parse_duration("5m").value() == 5min);
    CHECK(parse_duration("1h30m").value() == 90min);
    CHECK(parse_duration("1d1s").value() == 86401s);
    CHECK(parse_duration("0").value() == 0s);
}

TEST_CASE("what is not a duration is refused with its text and the accepted forms") {
    for (const char* text :
         {"",
          "abc",
          "-1",
          "-1s",
          "3x",
          "1e9",
          "1s1h",
          "1s1s",
          "3s4",
          "nan",
          "inf",
          "0x10",
          "99999999999d",
          " 3s",
          "3s "}) {
        CAPTURE(text);
        const auto r = parse_duration(text);
        REQUIRE(r.has_error());
        CHECK(r.error().message.find("'" + std::string{text} + "'") != std::string::npos);
        CHECK(r.error().message.find("1h30m") != std::string::npos);
    }
}

TEST_CASE("a formatted duration reads back") {
    for (const auto d :
         {nanoseconds{0},
          nanoseconds{500ms},
          nanoseconds{2500ms},
          nanoseconds{90min},
          nanoseconds{26h},
          nanoseconds{61s},
          nanoseconds{1500us}}) {
        CHECK(parse_duration(format_duration(d)).value() == d);
    }
    CHECK(format_duration(90min) == "1h30m");
    CHECK(format_duration(2500ms) == "2.5s");
    CHECK(format_duration(500ms) == "500ms");
}

TEST_CASE("counts take k and m, and must be whole") {
    CHECK(parse_count("5000").value() == 5000);
    CHECK(parse_count("5k").value() == 5000);
    CHECK(parse_count("1.5k").value() == 1500);
    CHECK(parse_count("2m").value() == 2'000'000);
    for (const char* text : {"", "abc", "-1", "1e9", "1.5", "5kk", "k", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK(parse_count(text).has_error());
    }
}

TEST_CASE("rates are per second unless they say otherwise") {
    CHECK(parse_rate("1000/s").value() == 1000);
    CHECK(parse_rate("60/m").value() == 1);
    CHECK(parse_rate("0").value() == 0);
    CHECK(parse_rate("-1/s").has_error());
    CHECK(parse_rate("5/x").has_error());
}

TEST_CASE("server URLs are taken apart") {
    CHECK(parse_url("http://localhost:3001").value() == url{false, "localhost", 3001, ""});
    CHECK(parse_url("https://a.example/vstats/").value() == url{true, "a.example", 443, "/vstats"});
    CHECK(parse_url("ws://h").value() == url{false, "h", 80, ""});
    const auto v6 = parse_url("http://[::1]:3001").value();
    CHECK(v6.host == "::1");
    CHECK(v6.text() == "http://[::1]:3001");
    for (const char* text :
         {"",
          "localhost:3001",
          "ftp://h",
          "http://",
          "http://h:0",
          "http://h:99999",
          "http://h:12x",
          "http://u:p@h",
          "http://h/?a=b",
          "http://[::1",
          "http://a b"}) {
        CAPTURE(text);
        CHECK(parse_url(text).has_error());
    }
}
