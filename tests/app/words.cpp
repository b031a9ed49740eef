#include "app/words.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace vsim;

namespace {

const app::option_list options{
    {.name = "count"},
    {.name = "keep", .kind = app::arity::flag},
    {.name = "token", .is_secret = true},
};
using words = std::vector<std::string>;

} // namespace

TEST_CASE("options of either style become --name=value") {
    const std::vector<std::pair<words, words>> table{
        {{"-count", "5"}, {"--count=5"}},
        {{"--count", "-1"}, {"--count=-1"}},
        {{"-keep", "-count=5"}, {"--keep", "--count=5"}},
        {{"-v", "-vv", "plain", "-unknown"}, {"-v", "-vv", "plain", "-unknown"}},
        {{"--token", "-"}, {"--token=-"}},
    };
    for (const auto& [typed, joined] : table) {
        const auto result = app::joined_words(typed, options);
        REQUIRE(result.has_value());
        CHECK(*result == joined);
    }
}

TEST_CASE("the nearest name is found and nothing far away") {
    const words names{"count", "connect-rate", "hours", "keep"};
    CHECK(app::nearest("cuont", names) == "count");
    CHECK(app::nearest("counts", names) == "count");
    CHECK(app::nearest("hour", names) == "hours");
    CHECK(app::nearest("conect-rate", names) == "connect-rate");
    CHECK(app::nearest("zzzzzz", names).empty());
    CHECK(app::nearest("", names).empty());
}

TEST_CASE("the command line is shown so that a shell reads it back") {
    CHECK(
        app::command_line_text({"--count", "5", "a b", "it's", ""}, options) ==
        "vstats-sim --count 5 'a b' 'it'\\''s' ''"
    );
}

TEST_CASE("secrets are overwritten in the arguments themselves") {
    std::vector<std::string> typed{
        "vstats-sim",
        "--token",
        "abc",
        "-token=defg",
        "--count",
        "5",
        "--token-file",
        "path",
        "-token"
    };
    std::vector<char*> argv;
    for (auto& word : typed) {
        argv.push_back(word.data());
    }
    app::hide_secrets(static_cast<int>(argv.size()), argv.data());
    CHECK(
        typed ==
        words{
            "vstats-sim",
            "--token",
            "***",
            "-token=****",
            "--count",
            "5",
            "--token-file",
            "path",
            "-token"
        }
    );
}
