#include "proto/bucket.hpp"

#include <doctest/doctest.h>

using namespace vsim::proto;

TEST_CASE("a bucket is an index: unix seconds divided by the width") {
    // The example of protocol.md 3.1.
    constexpr std::int64_t unix = 1795492055;
    CHECK(bucket_index(granularity::sec5, unix) == 359098411);
    CHECK(bucket_index(granularity::min2, unix) == 14962433);
    CHECK(bucket_index(granularity::min15, unix) == 1994991);
    CHECK(bucket_index(granularity::hourly, unix) == 498747);
    CHECK(bucket_index(granularity::daily, unix) == 20781);
    CHECK(bucket_start(granularity::sec5, 359098411) == unix);
}

TEST_CASE("times before 1970 round down, too") {
    CHECK(bucket_index(granularity::sec5, -1) == -1);
    CHECK(bucket_index(granularity::sec5, -5) == -1);
    CHECK(bucket_index(granularity::sec5, -6) == -2);
}

TEST_CASE("names lead to granularities and back") {
    for (const auto& g : granularities) {
        CHECK(granularity_from_name(g.name) == g.id);
        CHECK(&facts(g.id) == &g);
    }
    CHECK(!granularity_from_name("weekly"));
}
