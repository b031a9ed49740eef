#include "verify/ledger.hpp"

#include "model/targets.hpp"
#include "verify/expected.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

verify::ledger example() {
    verify::ledger l;
    l.run = {
        "0.1.0",
        "http://127.0.0.1:3001",
        "both",
        18'446'744'073'709'551'615ULL,
        2s,
        60s,
        true,
        util::from_unix_seconds(1'795'500'000) + 123'456'789ns,
        util::from_unix_seconds(1'795'500'100),
        {"outage 5s:3s:50%"}
    };
    l.groups.emplace_back();
    agent::group other;
    other.has_store = false;
    other.interval = 500ms;
    other.clock_skew = -90s;
    other.machine = {&model::profiles()[1], true, 3, 4096};
    l.groups.push_back(other);
    const auto start = util::from_unix_seconds(1'795'500'000);
    l.incidents = std::make_unique<model::incident_plan>(
        l.run.seed,
        std::vector<model::incident>{{model::incident_kind::silent, start + 20s, start + 25s, 0.5}}
    );
    const auto built_in = model::target_set::built_in(5);
    const std::vector<proto::probe_target> wanted{
        {"Web", "web.test", "tcp", 443}, {"Cloudflare", "1.0.0.1", "", 0}
    };
    verify::ledger_entry e;
    e.index = 7;
    e.id = "id-7";
    e.name = "A \"name\" 7";
    e.lived = {start - 10min, start, {{start - 10min, built_in}}};
    e.lived.follow(built_in->followed_by(wanted), start + 30s + 1ns);
    e.until = start + 90s;
    e.first.fill(3);
    e.reports_after = start;
    e.not_sent.add(agent::deviation::unsent, start + 40s, start + 50s);
    e.not_sent.add(agent::deviation::doubtful, start + 60s, start + 65s);
    e.has_past = e.is_complete = true;
    l.agents.push_back(e);
    e.index = 8;
    e.id = "id-8";
    e.group = 1;
    e.has_aggregates = false;
    l.agents.push_back(e);
    return l;
}

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), by);
}

} // namespace

TEST_CASE("a ledger that was written and read expects the same rows") {
    const auto before = example();
    const auto text = to_text(before);
    const auto after = verify::parse_ledger(text);
    REQUIRE_MESSAGE(after.has_value(), (after ? "" : after.error().message));
    CHECK(to_text(*after) == text);
    CHECK(after->run == before.run);
    CHECK(after->groups == before.groups);
    REQUIRE(after->agents.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        verify::expected_rows was, is;
        verify::expect(before, before.agents[i], was);
        verify::expect(*after, after->agents[i], is);
        CHECK(is.metrics == was.metrics);
        CHECK(is.metrics[0].size() > 10);
        REQUIRE(is.pings[0].size() == was.pings[0].size());
        CHECK(is.pings[0].size() == 6);
        for (std::size_t p = 0; p < is.pings[0].size(); ++p) {
            CHECK(is.pings[0][p].name == was.pings[0][p].name);
            CHECK(is.pings[0][p].hosts == was.pings[0][p].hosts);
            CHECK(is.pings[0][p].rows == was.pings[0][p].rows);
        }
        CHECK(is.raw.size() == was.raw.size());
    }
}

TEST_CASE("samples that were not sent are not expected, and doubtful ones may be missing") {
    auto l = example();
    l.incidents.reset();
    verify::expected_rows rows;
    verify::expect(l, l.agents[0], rows);
    std::int64_t least = 0, most = 0;
    for (const auto& r : rows.raw) {
        least += r.least;
        most += r.most;
    }
    CHECK(most == 45 - 5); // 90 s, of which 10 s were missed, every two seconds
    CHECK(most - least >= 2);
    CHECK(most - least <= 3);
}

TEST_CASE("a damaged ledger is refused with one message that names the place") {
    const auto good = to_text(example());
    const std::pair<std::string, std::string_view> damaged[]{
        {"", "line 1: is missing"},
        {"hello\n", "line 1: is not JSON"},
        {"{}\n", "line 1: ledger is missing"},
        {replaced(good, R"("ledger":1)", R"("ledger":2)"), "format 2, this program reads 1"},
        {good.substr(0, good.find('\n') + 1), "line 2: is missing: the file ends too early"},
        {good.substr(0, good.size() - 5), "line 3: is not JSON"},
        {good + "{}\n", "line 4: there are more lines"},
        {replaced(good, R"("until":)", R"("unti1":)"), "line 2: until is missing"},
        {replaced(good, R"("group":0)", R"("group":9)"), "line 2: group is not one of"},
        {replaced(good, R"("index":7)", R"("index":-7)"), "line 2: index: expected a whole number"},
        {replaced(good, R"("id":"id-7")", R"("id":"")"), "line 2: id is empty"},
        {replaced(good, R"("id":"id-8")", R"("id":"id-7")"), "line 3: id was there before: 'id-7'"},
        {replaced(good, R"("first":[3,)", R"("first":[)"), "line 2: first does not have five"},
        {replaced(good, R"("complete":true)", R"("complete":1)"), "complete: expected true or false"
        },
        {replaced(good, R"("kind":"silent")", R"("kind":"loud")"), "incidents.kind is none"},
        {replaced(good, R"("targets":3)", R"("targets":33)"), "groups.targets or payload"},
    };
    for (const auto& [text, says] : damaged) {
        CAPTURE(says);
        const auto read = verify::parse_ledger(text);
        REQUIRE(!read.has_value());
        CHECK(read.error().code == util::errc::bad_input);
        CAPTURE(read.error().message);
        CHECK(read.error().message.find(says) != std::string::npos);
    }
    CHECK(verify::read_ledger("/no/such/file").error().message == "cannot read '/no/such/file'");
}
