#include "report/ndjson.hpp"

#include "example_full.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <algorithm>

using namespace vsim;
using simdjson::dom::element;

namespace {

struct one_line {
    simdjson::dom::parser parser;
    element root;

    explicit one_line(const std::string& text) {
        REQUIRE(text.ends_with("}\n"));
        REQUIRE(std::ranges::count(text, '\n') == 1);
        REQUIRE(parser.parse(text).get(root) == simdjson::SUCCESS);
    }
    double number(const char* key) const { return double(root[key]); }
    std::string_view text(const char* key) const { return root[key]; }
};

} // namespace

TEST_CASE("the first line says what runs") {
    const one_line l{report::ndjson_start(test::full_run())};
    CHECK(l.text("type") == "start");
    CHECK(l.number("schema") == 1);
    CHECK(l.text("server") == "http://127.0.0.1:3001");
    CHECK(l.number("count") == 5000);
    CHECK(l.number("interval_s") == 3);
    CHECK(l.number("history_s") == 7200);
    CHECK(l.text("command_line").ends_with(test::hostile));
}

TEST_CASE("an embedded server has no address when the run begins") {
    const one_line l{report::ndjson_start(test::failed_run())};
    CHECK(l.root["server"].error() == simdjson::NO_SUCH_FIELD);
    CHECK(bool(l.root["embedded"]));
}

TEST_CASE("a point has the members of the summary's time series") {
    const one_line l{report::ndjson_point(test::example_run().timeseries[1])};
    CHECK(l.text("type") == "point");
    CHECK(l.number("t") == 2);
    CHECK(l.number("fence_p99") == 7);
    CHECK(double(l.root["server"]["cpu_pct"]) == 33.5);
}

TEST_CASE("the last line has the verdict and the sums") {
    const one_line l{report::ndjson_end(test::full_run())};
    CHECK(l.text("type") == "end");
    CHECK(l.text("verdict") == "fail");
    CHECK(l.number("exit_code") == 97);
    CHECK(l.number("metrics_sent") == 103'500);
    CHECK(l.number("errors") == 1237);
    CHECK(l.number("missed") == 12);
    CHECK(simdjson::dom::array(l.root["findings"]).size() == 2);
}
