#include "stats/catalog.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace vsim;

TEST_CASE("every counter and latency has a name of its own") {
    std::set<std::string> names;
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        names.emplace(name(static_cast<stats::counter>(i)));
    }
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        names.emplace(name(static_cast<stats::latency>(i)));
    }
    CHECK(names.size() == stats::counter_count + stats::latency_count);
    CHECK_FALSE(names.contains("unknown"));
    CHECK_FALSE(names.contains(""));
}

TEST_CASE("latency names are those of the JSON summary") {
    CHECK(name(stats::latency::register_) == "register");
    CHECK(name(stats::latency::send_lag) == "send_lag");
}
