#include "report/html.hpp"

#include "example_full.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

std::size_t count_of(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) {
        ++n;
    }
    return n;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
    const auto from = text.find(begin);
    REQUIRE(from != text.npos);
    text.remove_prefix(from + begin.size());
    return text.substr(0, text.find(end));
}

struct page_data {
    simdjson::dom::parser parser;
    simdjson::dom::element root;

    explicit page_data(const std::string& page) {
        const std::string json{between(page, "id=\"data\">", "</script>")};
        REQUIRE(parser.parse(json).get(root) == simdjson::SUCCESS);
    }
    double number(const char* pointer) const { return double(root.at_pointer(pointer)); }
};

} // namespace

TEST_CASE("whatever a run holds is text in the page, never a part of it") {
    auto r = test::full_run();
    r.run.server = test::hostile;
    r.run.mode = test::hostile;
    r.run.stopped_by = test::hostile;
    r.host.cpu_model = test::hostile;
    r.thresholds[0].expression = test::hostile;
    r.incidents[0].kind = test::hostile;
    r.phases[0].name = test::hostile;
    const auto page = report::to_html(r);
    CHECK(page.find("alert(\"1\"") == page.npos);
    CHECK(page.find("<script>alert") == page.npos);
    CHECK(count_of(page, "<script") == 3);
    CHECK(count_of(page, "</script>") == 3);
    CHECK(count_of(page, "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)") >= 9);
    CHECK(page_data{page}.root.at_pointer("/phases/0/name").get_string().value() == test::hostile);
}

TEST_CASE("the page has every section whose facts are there") {
    const auto page = report::to_html(test::full_run());
    for (const auto* words :
         {"<span class=\"verdict bad\">FAIL</span>",
          "<code>fence.p99&lt;50ms</code></th><td>31.25 ms</td><td class=\"text\">met</td>",
          "<code>freshness.p95&lt;8s</code></th><td>not measured: --viewers is 0</td>",
          "<h2>Verification</h2>",
          "Debug-Server-017",
          "rtt_sum",
          "<h2>Freshness</h2>",
          "2 of 3 connected",
          "<h2>Server process</h2>",
          "vstats-server (4711), has ended",
          "270.5 µs",
          "<h2>How far to trust these figures</h2>",
          "<h2>Incidents and outages</h2>",
          "auth.refused",
          "103,500",
          "Example CPU @ 2.50GHz"}) {
        CAPTURE(words);
        CHECK(page.find(words) != page.npos);
    }
}

TEST_CASE("a run that measured nothing is a page without what is missing") {
    const auto page = report::to_html(test::failed_run());
    for (const auto* words :
         {"Verification", "Freshness<", "Server process", "thresholds\">", "Latencies"}) {
        CAPTURE(words);
        CHECK(page.find(words) == page.npos);
    }
    CHECK(page.find("connection refused") != page.npos);
    const page_data d{page};
    CHECK(simdjson::dom::array(d.root["t"]).size() == 0);
}

TEST_CASE("charts get rates, milliseconds, and null where there is nothing") {
    const page_data d{report::to_html(test::full_run())};
    CHECK(d.number("/t/1") == 2);
    CHECK(d.number("/series/connected/1") == 2000);
    CHECK(d.number("/series/messages/1") == 1000);
    CHECK(d.number("/series/fence_p99/1") == 7);
    CHECK(d.root.at_pointer("/series/fence_p99/0").is_null());
    CHECK(d.number("/series/server_fds/1") == 2012);
    CHECK(d.number("/freshness_floor") == 5000);
    CHECK(d.number("/phases/1/from") == doctest::Approx(0.213));
    CHECK(d.root["series"]["history_read_p50"].error() == simdjson::NO_SUCH_FIELD);
}

TEST_CASE("a distribution ends with the maximum at the share that its count can tell") {
    const page_data d{report::to_html(test::full_run())};
    CHECK(d.root.at_pointer("/distributions/4/name").get_string().value() == "send_lag");
    CHECK(d.number("/distributions/4/points/0/1") == doctest::Approx(0.13));
    CHECK(d.number("/distributions/4/points/8/0") == 1); // 90 %
    CHECK(d.number("/distributions/4/points/8/1") == doctest::Approx(117).epsilon(0.001));
    CHECK(d.number("/distributions/4/points/24/0") == 3);
    CHECK(d.number("/distributions/4/points/24/1") == 130);
    CHECK(d.root.at_pointer("/distributions/4/points/25").error() != simdjson::SUCCESS);
}

TEST_CASE("events stand where they were on the agents' clocks") {
    auto r = test::full_run();
    r.run.clock = r.run.started_at - std::chrono::hours{24};
    for (auto& e : r.incidents) {
        e.from -= std::chrono::hours{24};
        e.until -= std::chrono::hours{24};
    }
    const page_data d{report::to_html(r)};
    CHECK(d.number("/events/0/from") == 0);
    CHECK(d.number("/events/0/until") == 30.5);
    CHECK(d.number("/events/1/from") == 1);
}
