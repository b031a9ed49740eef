#include "agent/sync.hpp"

#include "model/history.hpp"

#include <doctest/doctest.h>

#include <map>
#include <utility>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 5;
constexpr std::uint32_t index = 11;
const auto birth = util::from_unix_seconds(1'795'491'990) + 123ms;

const auto targets = model::target_set::built_in(5);
const agent::subject self{seed, index, 3s, {}};
// The walks of a history end where those of a life begin.
const agent::past lived{birth - 100h, birth, {{birth - 100h, targets}}};

using buckets = std::map<std::pair<std::size_t, std::int64_t>, agg::bucket>;

// What the server holds after the syncs in between: the last version of every bucket.
void sync(buckets& stored, const agent::sync_point& from, util::wall_time to) {
    agent::walk walk{self, lived, from, to, model::retained_at(to)};
    agg::piece piece;
    while (walk.next(piece, 50)) {
        for (std::size_t g = 0; g < piece.buckets.size(); ++g) {
            for (const auto& b : piece.buckets[g]) {
                stored[{g, b.index}] = b;
            }
        }
    }
}

agent::sync_point further(const agent::sync_point& from, util::wall_time to) {
    return agent::advanced(self, lived, from, to);
}

} // namespace

TEST_CASE("many syncs leave the server with what one sync of everything would") {
    const auto end = birth + 2h - 1s;
    buckets whole;
    sync(whole, {{}, birth}, end);

    for (const auto step : {61s, 7s, 599s}) {
        buckets stored;
        agent::sync_point at{{}, birth};
        for (auto to = birth + step; to < end; to += step) {
            sync(stored, at, to);
            at = further(at, to - 2s);
        }
        sync(stored, at, end);
        CHECK(stored == whole);
    }
}

TEST_CASE("a sync that is lost is made good by the next") {
    const auto end = birth + 10min;
    buckets whole;
    sync(whole, {{}, birth}, end);

    buckets stored;
    const agent::sync_point start{{}, birth};
    sync(stored, start, birth + 1min);
    const auto at = further(start, birth + 1min);
    buckets lost;
    sync(lost, at, birth + 5min); // and `at` stays where it was
    sync(stored, at, end);
    CHECK(stored == whole);
}

TEST_CASE("a sync after a long gap puts every sample into its bucket") {
    const auto start = birth + 10min;
    for (const auto gap : {1h, 3h, 30h, 220h, 2000h}) {
        CAPTURE(gap.count());
        buckets stored;
        sync(stored, {{}, birth}, start);
        sync(stored, further({{}, birth}, start), start + gap);
        buckets whole;
        sync(whole, {{}, birth}, start + gap);
        for (const auto& [key, b] : whole) {
            CAPTURE(key.first);
            CAPTURE(key.second);
            REQUIRE(stored.contains(key));
            const auto found = stored.at(key);
            CHECK(found.sample_count == b.sample_count);
            CHECK(found.net_rx == b.net_rx);
        }
    }
}

TEST_CASE("a history has at least the buckets that were expected, and at most one more of each") {
    for (const auto length :
         {std::chrono::seconds{10min}, std::chrono::seconds{2h}, std::chrono::seconds{100h}}) {
        buckets stored;
        sync(stored, {{}, birth - length}, birth);
        CHECK(stored.size() + proto::granularity_count >= agent::expected_buckets(length));
        CHECK(stored.size() <= agent::expected_buckets(length) + proto::granularity_count);
    }
}
