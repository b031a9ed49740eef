#include "agg/window.hpp"

#include "support/random_reading.hpp"

#include <doctest/doctest.h>

#include <map>
#include <utility>

using namespace vsim;
using namespace vsim::agg;
using proto::granularity;

TEST_CASE("closed and open buckets together are what direct folding gives, in every granularity") {
    for (std::uint64_t seed = 1; seed <= max_targets; ++seed) {
        std::int64_t now = 1795400000;
        window w;
        piece seen;
        std::map<std::pair<std::size_t, std::int64_t>, bucket> expected;
        for (std::uint64_t n = 0; n < 3000; ++n) {
            now += static_cast<std::int64_t>(util::hash(seed, 1, n) % 60);
            const auto r = test::random_reading(seed, n, now);
            const auto before = seen.size();
            const auto closed = w.add(r, granularity::sec5, seen);
            CHECK(seen.size() == before + closed);
            for (const auto& g : proto::granularities) {
                fold(expected[{proto::position(g.id), proto::bucket_index(g.id, now)}], g.id, r);
            }
        }
        w.append_open(seen);
        CHECK(seen.size() == expected.size());
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            for (const auto& b : seen.buckets[g]) {
                CHECK(b == expected[{g, b.index}]);
            }
            CHECK(w.open(static_cast<granularity>(g)) == seen.buckets[g].back());
        }
    }
}

TEST_CASE("a coarse first granularity leaves the finer ones empty") {
    window w;
    piece closed;
    w.add(test::random_reading(1, 1, 86400 * 20000), granularity::hourly, closed);
    w.append_open(closed);
    CHECK(closed.buckets[0].empty());
    CHECK(closed.buckets[2].empty());
    CHECK(closed.buckets[3].size() == 1);
    CHECK(closed.buckets[4].size() == 1);
    CHECK(closed.buckets[4].front().cpu == closed.buckets[3].front().cpu);
}

TEST_CASE("appending the open buckets changes nothing") {
    window w;
    piece ignored;
    w.add(test::random_reading(1, 1, 1795400000), granularity::sec5, ignored);
    piece once;
    piece twice;
    w.append_open(once);
    w.append_open(twice);
    CHECK(once.buckets == twice.buckets);
}

TEST_CASE("an agent's open buckets stay below a kilobyte") {
    CHECK(sizeof(window) <= 880);
}
