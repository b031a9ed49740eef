#include "report/hdr_log.hpp"

#include "example_full.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace vsim;

namespace {

std::vector<std::string> lines_of(const report::run_result& r) {
    std::istringstream text{report::to_hdr_log(r)};
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace

// What the last column holds is read by hdr_log.py.
TEST_CASE("without slices each latency with values has one line for the whole run") {
    const auto lines = lines_of(test::example_run());
    REQUIRE(lines.size() == 4 + 5);
    CHECK(lines[1] == "#[Histogram log format version 1.3]");
    CHECK(lines[2].starts_with("#[StartTime: 1795500000.000 (seconds since epoch), 20"));
    CHECK(lines[4].starts_with("Tag=connect,0.000,70.213,1.000000,HISTFAAA"));
    CHECK(lines[5].starts_with("Tag=fence_uncorrected,0.000,70.213,60.000000,HISTFAAA"));
    CHECK(lines[8].starts_with("Tag=send_lag,0.000,70.213,170.000000,HISTFAAA"));
}

TEST_CASE("with slices each has a line for every slice in which it has values, in the order of time"
) {
    auto r = test::sliced_run();
    r.slices[1].encoded[static_cast<std::size_t>(stats::latency::connect)].clear();
    const auto lines = lines_of(r);
    REQUIRE(lines.size() == 4 + 9);
    CHECK(lines[4].starts_with("Tag=connect,0.000,5.000,"));
    CHECK(lines[8].starts_with("Tag=send_lag,0.000,5.000,"));
    CHECK(lines[9].starts_with("Tag=fence_uncorrected,5.000,65.213,"));
    CHECK(lines[12].starts_with("Tag=send_lag,5.000,65.213,"));
}

TEST_CASE("a run that measured nothing is a log without lines") {
    CHECK(lines_of(test::failed_run()).size() == 4);
}
