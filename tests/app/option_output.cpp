#include "app/option_output.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace vsim;
using kind = app::output_config::kind;

namespace {

struct outputs {
    std::vector<app::output_config> list;
    app::binding to = app::output_into(list);

    std::string refusal(const std::string& text) {
        const auto assigned = to.assign(text);
        REQUIRE(assigned.has_error());
        return assigned.error().message;
    }
};

} // namespace

TEST_CASE("every kind of output has a name, and is shown as it was typed") {
    outputs o;
    for (const auto* text : {"json=a=b.json", "csv=b", "ndjson=-", "hdr=[c]", "html=d e"}) {
        CAPTURE(text);
        CHECK(o.to.assign(text).has_value());
    }
    REQUIRE(o.list.size() == 5);
    CHECK(o.list[0] == app::output_config{kind::json, "a=b.json"});
    CHECK(o.list[2] == app::output_config{kind::ndjson, "-"});
    CHECK(o.to.show() == R"(["json=a=b.json", "csv=b", "ndjson=-", "hdr=[c]", "html=d e"])");
}

TEST_CASE("what is no output is refused with what is one") {
    outputs o;
    for (const auto* text : {"", "json", "json=", "pdf=a", "a.json", "=a", "JSON=a"}) {
        CAPTURE(text);
        const auto why = o.refusal(text);
        CHECK(why.find("'" + std::string{text} + "'") == 0);
        CHECK(why.find("json=PATH, csv=PATH, ndjson=PATH, hdr=PATH, html=PATH") != why.npos);
    }
}

TEST_CASE("two outputs never share a place, and the message names both") {
    outputs o;
    REQUIRE(o.to.assign("csv=a").has_value());
    REQUIRE(o.to.assign("ndjson=-").has_value());
    CHECK(o.refusal("csv=a") == "'csv=a' is given twice");
    CHECK(o.refusal("hdr=a") == "'csv=a' and 'hdr=a' cannot both go to one file");
    CHECK(o.refusal("json=-") == "'ndjson=-' and 'json=-' cannot both go to standard output");
    CHECK(o.list.size() == 2);
}

TEST_CASE("an endpoint is kept as it was typed, or refused") {
    std::string address;
    const auto to = app::endpoint_into(address);
    CHECK(to.show().empty());
    CHECK(to.assign("[::1]:0").has_value());
    CHECK(to.show() == "\"[::1]:0\"");
    for (const auto* text : {"9100", "127.0.0.1", "127.0.0.1:", ":9100", "::1:9100", "a:70000"}) {
        CAPTURE(text);
        CHECK(to.assign(text).has_error());
    }
    CHECK(address == "[::1]:0");
}
