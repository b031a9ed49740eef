#include "app/log.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>
#include <spdlog/spdlog.h>

#include <string>

using namespace vsim;
using app::console_config;
using app::log_format;

namespace {

// What is logged by one message of each level.
std::string logged(const console_config& c, bool color = false) {
    std::string text;
    app::set_up_log(c, color, [&text](std::string_view line) { text += line; });
    spdlog::trace("at trace");
    spdlog::debug("at debug");
    spdlog::info("at info");
    spdlog::warn("at warning");
    spdlog::error("at error");
    app::redirect_log({});
    return text;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("quiet and verbose decide which levels are said") {
    CHECK_FALSE(has(logged({.quiet = true}), "at info"));
    CHECK(has(logged({.quiet = true}), "at warning"));
    CHECK(has(logged({}), "at info"));
    CHECK_FALSE(has(logged({}), "at debug"));
    CHECK(has(logged({.verbosity = 1}), "at debug"));
    CHECK_FALSE(has(logged({.verbosity = 1}), "at trace"));
    CHECK(has(logged({.verbosity = 2}), "at trace"));
}

TEST_CASE("colour marks the level only where it is wanted") {
    CHECK(has(logged({}, true), "\x1b[31m"));
    CHECK_FALSE(has(logged({}, false), "\x1b"));
    CHECK_FALSE(has(logged({.format = log_format::json}, true), "\x1b"));
}

TEST_CASE("as JSON every line is an object") {
    std::string text;
    app::set_up_log({.format = log_format::json}, false, [&](std::string_view l) { text += l; });
    spdlog::warn("a \"quoted\" \n line");
    app::redirect_log({});
    REQUIRE(text.ends_with("}\n"));
    simdjson::dom::parser parser;
    simdjson::dom::element line;
    REQUIRE(parser.parse(text).get(line) == simdjson::SUCCESS);
    CHECK(std::string_view{line["level"]} == "warning");
    CHECK(std::string_view{line["message"]} == "a \"quoted\" \n line");
    CHECK(std::string_view{line["time"]}.size() == 24);
}

TEST_CASE("colour needs a terminal that can and a user who does not mind") {
    CHECK(app::wants_color({}, {.is_terminal = true}));
    CHECK_FALSE(app::wants_color({}, {.is_terminal = false}));
    CHECK_FALSE(app::wants_color({}, {.is_terminal = true, .no_color_env = true}));
    CHECK_FALSE(app::wants_color({}, {.is_terminal = true, .dumb = true}));
    CHECK_FALSE(app::wants_color({.no_color = true}, {.is_terminal = true}));
}
