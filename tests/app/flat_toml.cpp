#include "app/flat_toml.hpp"

#include <doctest/doctest.h>

using namespace vsim;

TEST_CASE("strings, numbers, booleans, arrays and comments are read") {
    const auto parsed =
        app::parse_flat_toml("# a comment\r\n"
                             "server = \"http://x # not a comment, either\"  # one\n"
                             "\n"
                             "prefix='C:\\raw'\n"
                             "count = 5_000\n"
                             "hours=0.5\n"
                             "\"keep\" = true\n"
                             "out = [\"json=a\", 'json=b',]\n"
                             "escaped = \"a\\\"b\\\\c\\t\"");
    REQUIRE(parsed.has_value());
    const auto& e = *parsed;
    REQUIRE(e.size() == 7);
    CHECK(e[0].key == "server");
    CHECK(e[0].line == 2);
    CHECK(e[0].values == std::vector<std::string>{"http://x # not a comment, either"});
    CHECK(e[1].values == std::vector<std::string>{"C:\\raw"});
    CHECK(e[2].values == std::vector<std::string>{"5000"});
    CHECK(e[3].values == std::vector<std::string>{"0.5"});
    CHECK(e[4].key == "keep");
    CHECK(e[4].values == std::vector<std::string>{"true"});
    CHECK(e[5].is_array);
    CHECK(e[5].values == std::vector<std::string>{"json=a", "json=b"});
    CHECK(e[6].values == std::vector<std::string>{"a\"b\\c\t"});
}

TEST_CASE("what is not understood is refused with its line") {
    for (const auto* text :
         {"count",
          "= 5",
          "count = ",
          "count = five",
          "count = 5 6",
          "s = \"open",
          "s = 'open",
          "s = \"\\q\"",
          "[table]",
          "a = [1, 2",
          "a = [1 2]",
          "when = 2026-11-24T00:00:00Z",
          "a = {b = 1}",
          "s = \"\"\"",
          "a.b = 1"}) {
        CAPTURE(text);
        const auto parsed = app::parse_flat_toml(std::string{"ok = 1\n"} + text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().message.starts_with("line 2: "));
    }
}

TEST_CASE("a key set twice is refused") {
    const auto parsed = app::parse_flat_toml("a = 1\nb = 2\na = 3\n");
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message.starts_with("line 3: "));
}
