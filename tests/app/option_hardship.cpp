#include "app/option_hardship.hpp"

#include "support.hpp"

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using agent::cut;
using agent::outage;
using agent::scripted_incident;
using app::parse_incident;
using app::parse_outage;
using app::text_of;
using model::incident_kind;

namespace {

template <class Event>
void check_refusals(
    util::result<Event> (*parse)(std::string_view),
    const std::vector<std::pair<std::string, std::string>>& table
) {
    for (const auto& [text, part] : table) {
        CAPTURE(text);
        const auto parsed = parse(text);
        REQUIRE(parsed.has_error());
        const auto& message = parsed.error().message;
        CAPTURE(message);
        CHECK(message.starts_with("'" + text + "'"));
        CHECK(message.find(part) != std::string::npos);
        CHECK(message.find("AT:LEN") != std::string::npos);
        CHECK(message.find("accepted: ") != std::string::npos);
    }
}

} // namespace

TEST_CASE("outages are read with what is left out at its default, and written back") {
    CHECK(parse_outage("30s:10s").value() == outage{30s, 10s, 1, cut::close});
    CHECK(parse_outage("0:1h:50%").value() == outage{0s, 1h, 0.5, cut::close});
    CHECK(parse_outage("2m:30s:silent").value() == outage{2min, 30s, 1, cut::silent});
    CHECK(
        parse_outage("1.5s:500ms:0.1%:half-open").value() ==
        outage{1500ms, 500ms, 0.001, cut::half_open}
    );
    for (const char* text :
         {"30s:10s", "0s:1h:50%", "2m:30s:silent", "1.5s:500ms:0.1%:half-open"}) {
        CHECK(text_of(parse_outage(text).value()) == text);
    }
    CHECK(text_of(parse_outage("30:10:100%:close").value()) == "30s:10s");
}

TEST_CASE("what is no outage is refused with what is wrong and what is accepted") {
    check_refusals<outage>(
        parse_outage,
        {
            {"", "is not an outage"},
            {"30s", "is not an outage"},
            {"1:2:3%:close:5", "is not an outage"},
            {"soon:10s", "AT: 'soon' is not a duration"},
            {"-1s:10s", "AT: '-1s' is not a duration"},
            {"30s:", "LEN: '' is not a duration"},
            {"30s:0", "LEN: '0' is out of range (accepted: more than 0"},
            {"30s:-10s", "LEN: '-10s' is not a duration"},
            {"366d:1s", "AT: '366d' is out of range"},
            {"1s:9999d", "LEN: '9999d' is out of range"},
            {"30s:10s:0%", "'0%' is out of range"},
            {"30s:10s:101%", "'101%' is not a share"},
            {"30s:10s:0.5", "'0.5' does not fit there"},
            {"30s:10s:", "'' does not fit there"},
            {"30s:10s:slow", "'slow' does not fit there"},
            {"30s:10s:50%:", "'' does not fit there"},
            {"30s:10s:close:50%", "'close' does not fit there"},
            {"30s:10s:50%:50%", "'50%' does not fit there"},
        }
    );
}

TEST_CASE("incidents are read and written back") {
    CHECK(
        parse_incident("30s:1m:cpu").value() ==
        agent::scripted_incident{30s, 1min, incident_kind::cpu}
    );
    CHECK(
        parse_incident("0:1s:silent:2.5%").value() ==
        agent::scripted_incident{0s, 1s, incident_kind::silent, 0.025}
    );
    for (const char* text :
         {"30s:1m:cpu", "30s:1m:memory", "30s:1m:disk:5%", "30s:1m:ping", "0s:1s:silent:2.5%"}) {
        CHECK(text_of(parse_incident(text).value()) == text);
    }
}

TEST_CASE("what is no incident is refused with what is wrong and what is accepted") {
    check_refusals<agent::scripted_incident>(
        parse_incident,
        {
            {"", "is not an incident"},
            {"30s:10s", "is not an incident"},
            {"30s:10s:fire", "is not an incident"},
            {"30s:10s:5%:cpu", "is not an incident"},
            {"30s:10s:cpu:5%:1", "is not an incident"},
            {"x:10s:cpu", "AT: 'x' is not a duration"},
            {"30s:0s:cpu", "LEN: '0s' is out of range"},
            {"30s:10s:cpu:0%", "'0%' is out of range"},
            {"30s:10s:cpu:5", "'5' is not a share"},
        }
    );
}

TEST_CASE("churn is agents a minute or a share of the fleet a minute") {
    app::churn_config c;
    const auto to = app::churn_into(c);
    CHECK(to.show() == "0");
    CHECK_FALSE(c.is_any());
    CHECK(c.of_each(100) == 0);
    REQUIRE(to.assign("30").has_value());
    CHECK(c.of_each(100) == doctest::Approx(0.3));
    CHECK(to.show() == "30");
    REQUIRE(to.assign("5%").has_value());
    CHECK(c.of_each(100) == doctest::Approx(0.05));
    CHECK(c.of_each(10'000) == doctest::Approx(0.05));
    CHECK(to.show() == "\"5%\"");
    REQUIRE(to.assign("1k").has_value());
    CHECK(c.agents == 1000);
    CHECK(c.share == 0);
    REQUIRE(to.assign("0").has_value());
    CHECK_FALSE(c.is_any());
    for (const char* text : {"", "-1", "101%", "1.5", "2m", "30/m", "often"}) {
        CAPTURE(text);
        const auto assigned = to.assign(text);
        REQUIRE(assigned.has_error());
        CHECK(assigned.error().message.find("'" + std::string{text} + "'") == 0);
        CHECK(assigned.error().message.find("5%") != std::string::npos);
    }
}

TEST_CASE("the agents' clock is a time of this century or the next") {
    std::optional<util::wall_time> t;
    const auto to = app::clock_into(t);
    CHECK(to.show().empty());
    for (const auto& [typed, shown] : std::vector<std::pair<std::string, std::string>>{
             {"2026-03-01T12:00:00Z", "\"2026-03-01T12:00:00Z\""},
             {"2026-03-01T14:00:00+02:00", "\"2026-03-01T12:00:00Z\""},
             {"2026-03-01T12:00:00.5Z", "\"2026-03-01T12:00:00.500000000Z\""},
             {"2000-01-01T00:00:00Z", "\"2000-01-01T00:00:00Z\""}
         }) {
        REQUIRE(to.assign(typed).has_value());
        CHECK(to.show() == shown);
    }
    for (const char* text :
         {"now",
          "2026-03-01",
          "2026-03-01 12:00:00Z",
          "1999-12-31T23:59:59Z",
          "2200-01-01T00:00:00Z"}) {
        CAPTURE(text);
        const auto assigned = to.assign(text);
        REQUIRE(assigned.has_error());
        CHECK(assigned.error().message.find("RFC 3339") != std::string::npos);
    }
}
