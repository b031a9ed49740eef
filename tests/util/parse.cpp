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

TEST_CASE("signed durations take a sign, and read back") {
    CHECK(parse_signed_duration("-90s").value() == -90s);
    CHECK(parse_signed_duration("+1h30m").value() == 90min);
    CHECK(parse_signed_duration("500ms").value() == 500ms);
    CHECK(parse_signed_duration("-2.5").value() == -2500ms);
    for (const auto d : {nanoseconds{-90s}, nanoseconds{-1500us}, nanoseconds{24h}}) {
        CHECK(parse_signed_duration(format_duration(d)).value() == d);
    }
    CHECK(format_duration(-90s) == "-1m30s");
    for (const char* text : {"", "-", "+", "--1s", "-+1s", "- 1s", "-abc", "1s-"}) {
        CAPTURE(text);
        const auto r = parse_signed_duration(text);
        REQUIRE(r.has_error());
        CHECK(r.error().message.find("'" + std::string{text} + "'") != std::string::npos);
        CHECK(r.error().message.find("-90s") != std::string::npos);
    }
}

TEST_CASE("a share is a percentage, and says so") {
    CHECK(parse_share("10%").value() == 0.1);
    CHECK(parse_share("0.1%").value() == 0.001);
    CHECK(parse_share("100%").value() == 1);
    CHECK(parse_share("0%").value() == 0);
    for (const char* text :
         {"", "%", "0.1", "1", "101%", "100.001%", "-1%", "1%%", "1 %", "nan%", "1e1%", "%1"}) {
        CAPTURE(text);
        const auto r = parse_share(text);
        REQUIRE(r.has_error());
        CHECK(r.error().message.find("'" + std::string{text} + "'") != std::string::npos);
        CHECK(r.error().message.find("0.1%") != std::string::npos);
    }
}

TEST_CASE("a formatted share reads back with the digits it was typed with") {
    for (const std::string text :
         {"0%", "7%", "10%", "12.5%", "29%", "33.3%", "0.1%", "0.0001%", "57%", "100%"}) {
        CHECK(format_share(parse_share(text).value()) == text);
    }
    const double third = 1.0 / 3;
    CHECK(parse_share(format_share(third)).value() == doctest::Approx(third).epsilon(1e-12));
}

TEST_CASE("sizes are in powers of 1024 and whole bytes") {
    CHECK(parse_size("0").value() == 0);
    CHECK(parse_size("1000").value() == 1000);
    CHECK(parse_size("512B").value() == 512);
    CHECK(parse_size("8KB").value() == 8192);
    CHECK(parse_size("1.5MB").value() == 1'572'864);
    CHECK(parse_size("2GB").value() == 2'147'483'648);
    for (const char* text :
         {"", "KB", "-1KB", "1.5B", "8kb", "8KiB", "8K", "8KBs", "1e3", "9999999999GB"}) {
        CAPTURE(text);
        const auto r = parse_size(text);
        REQUIRE(r.has_error());
        CHECK(r.error().message.find("'" + std::string{text} + "'") != std::string::npos);
        CHECK(r.error().message.find("powers of 1024") != std::string::npos);
    }
    for (const char* text : {"0B", "1B", "1000B", "8KB", "1536KB", "2GB"}) {
        CHECK(format_size(parse_size(text).value()) == text);
    }
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
