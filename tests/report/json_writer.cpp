#include "report/json_writer.hpp"

#include <doctest/doctest.h>

#include <limits>

using vsim::report::json_writer;

namespace {

template <class T>
std::string as_json(const T& value) {
    json_writer j;
    j.item(value);
    return j.text();
}

} // namespace

TEST_CASE("objects and arrays nest on one line or indented") {
    const auto fill = [](json_writer j) {
        j.begin_object();
        j.member("a", 1);
        j.begin_array("b");
        j.item(true);
        j.item("x");
        j.end_array();
        j.begin_object("c");
        j.end_object();
        j.end_object();
        return j.text();
    };
    CHECK(fill(json_writer{}) == R"({"a":1,"b":[true,"x"],"c":{}})");
    CHECK(
        fill(json_writer{2}) ==
        "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    \"x\"\n  ],\n  \"c\": {}\n}"
    );
}

TEST_CASE("text is escaped and made valid UTF-8") {
    CHECK(as_json("a\"b\\c\n\x01") == R"("a\"b\\c\u000a\u0001")");
    CHECK(as_json("µ€😀") == "\"µ€😀\"");
    const std::string bad = "\xef\xbf\xbd";
    CHECK(
        as_json("a\xff"
                "b") == "\"a" + bad + "b\""
    );
    CHECK(as_json("\xc3") == "\"" + bad + "\"");
    CHECK(as_json("\xc0\xaf") == "\"" + bad + bad + "\"");
    CHECK(as_json("\xed\xa0\x80") == "\"" + bad + bad + bad + "\"");
}

TEST_CASE("numbers are exact, and what is no number is null") {
    CHECK(as_json(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(as_json(-5) == "-5");
    CHECK(as_json(0.1) == "0.1");
    CHECK(as_json(std::numeric_limits<double>::infinity()) == "null");
    CHECK(as_json(std::numeric_limits<double>::quiet_NaN()) == "null");
}
