#include "agent/past.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <optional>
#include <utility>

using namespace vsim;
using namespace std::chrono_literals;
using proto::granularity;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055) + 123ms;

std::int64_t at(granularity g, util::wall_time t) {
    return proto::bucket_index(g, t);
}

agent::reach reach_until(util::wall_time t) {
    agent::reach r;
    for (const auto& g : proto::granularities) {
        r.newest[proto::position(g.id)] = at(g.id, t);
    }
    return r;
}

using buckets = std::map<std::pair<std::size_t, std::int64_t>, agg::bucket>;

buckets walked(
    const agent::subject& who,
    const agent::past& lived,
    const agent::sync_point& from,
    util::wall_time to,
    std::size_t piece_size = 100
) {
    buckets all;
    agent::walk walk{who, lived, from, to, model::first_buckets{}};
    agg::piece p;
    while (walk.next(p, piece_size)) {
        for (std::size_t g = 0; g < p.buckets.size(); ++g) {
            for (const auto& b : p.buckets[g]) {
                all[{g, b.index}] = b; // as the server: the last one counts
            }
        }
    }
    return all;
}

} // namespace

TEST_CASE("a returning agent sends from the server's newest bucket on, and what is in doubt") {
    SUBCASE("the server has all that was sent: its newest buckets again, complete") {
        const auto first = agent::wanted_after(reach_until(now - 1min), now, 0s, now);
        for (const auto& g : proto::granularities) {
            CHECK(first[proto::position(g.id)] == at(g.id, now - 1min));
        }
    }
    SUBCASE("what was sent shortly before it was last seen may be lost, however new other rows are"
    ) {
        const auto first = agent::wanted_after(reach_until(now - 1min), now, 65s, now);
        CHECK(first[0] <= at(granularity::sec5, now - 2min));
        CHECK(first[0] >= at(granularity::sec5, now - 2min - 10s));
        CHECK(first[1] == at(granularity::min2, now - 2min - 5s));
    }
    SUBCASE("what was not safe yet counts as lost") {
        const auto first = agent::wanted_after(reach_until(now), now - 10min, 65s, now);
        CHECK(first[0] == at(granularity::sec5, now - 10min - 65s));
    }
    SUBCASE("of a granularity of which it has nothing everything that is kept") {
        auto r = reach_until(now);
        r.newest[proto::position(granularity::hourly)] = -1;
        const auto first = agent::wanted_after(r, now, 65s, now);
        CHECK(first[3] == at(granularity::hourly, now - 32 * 24h));
        CHECK(first[4] == at(granularity::daily, now));
    }
    SUBCASE("after a very long time no more than what is kept") {
        const auto first = agent::wanted_after(reach_until(now - 9 * 24h), now - 9 * 24h, 65s, now);
        CHECK(first == [] {
            auto kept = model::retained_at(now);
            kept[3] = at(granularity::hourly, now - 9 * 24h - 65s);
            kept[4] = at(granularity::daily, now - 9 * 24h - 65s);
            return kept;
        }());
    }
    SUBCASE("indices that are time stamps say nothing") {
        agent::reach r;
        r.newest.fill(util::unix_seconds(now));
        const auto first = agent::wanted_after(r, now - 1min, 65s, now);
        CHECK(first[0] == at(granularity::sec5, now - 1min - 65s));
        CHECK(first[4] == at(granularity::daily, now - 1min - 65s));
    }
}

TEST_CASE("how far the server is comes from its welcome") {
    proto::auth_reply welcome;
    welcome.status = "ok";
    CHECK(agent::reach::of(welcome).is_nothing());
    CHECK(!agent::reach::of(welcome).last_seen());
    welcome.last_buckets = {{"2min", 14'962'433}, {"daily", 20'781}, {"weekly", 3}, {"hourly", 0}};
    const auto r = agent::reach::of(welcome);
    CHECK(!r.is_nothing());
    CHECK(r.newest == model::first_buckets{-1, 14'962'433, -1, -1, 20'781});
    CHECK(r.last_seen() == util::from_unix_seconds(14'962'434 * 120));

    // The largest index is no overflow.
    welcome.last_buckets = {{"5sec", std::numeric_limits<std::int64_t>::max()}};
    CHECK(agent::reach::of(welcome).last_seen().has_value());

    agg::window sent;
    agg::piece closed;
    agg::reading reading;
    reading.unix_seconds = util::unix_seconds(now);
    sent.add(reading, granularity::sec5, closed);
    CHECK(r.is_behind(sent)); // it has no five seconds
    CHECK(!reach_until(now).is_behind(sent));
    CHECK(reach_until(now - 5s).is_behind(sent));
    CHECK(!reach_until(now - 5s).is_behind(agg::window{}));
}

TEST_CASE("other targets begin with the next sample, and rows of the old ones stay as they were") {
    const auto none = model::target_set::built_in(0);
    const auto two = none->followed_by(
        std::vector<proto::probe_target>{{"a", "10.0.0.1", {}, 0}, {"b", "10.0.0.2", {}, 0}}
    );
    const auto other = two->followed_by(
        std::vector<proto::probe_target>{{"b", "10.0.0.2", {}, 0}, {"c", "10.0.0.3", {}, 0}}
    );
    const agent::subject who{7, 3, 1000ms, {}};
    const auto origin = now - 10min;
    const auto change = now - 4min;
    agent::past lived{origin, origin, {{origin, two}}};
    CHECK(lived.targets_at(now) == two);
    lived.follow(other, change);
    lived.follow(other, change + 1s); // no other
    CHECK(lived.epochs.size() == 2);
    CHECK(lived.targets_at(change) == two);
    CHECK(lived.targets_at(change + 1ns) == other);

    const auto all = walked(who, lived, {{}, origin}, now);
    std::uint64_t a = 0, b = 0, c = 0, samples = 0;
    for (const auto& [key, bucket] : all) {
        if (key.first == 0) {
            samples += bucket.sample_count;
            const auto of = [&](std::size_t slot) {
                const auto p = slot < bucket.target_count ? bucket.pings(slot) : agg::ping_sums{};
                return p.ok_count + p.fail_count;
            };
            a += of(0);
            b += of(1);
            c += of(2);
        }
    }
    const auto s = who.samples();
    CHECK(samples == static_cast<std::uint64_t>(s.count(origin, now)));
    CHECK(a == static_cast<std::uint64_t>(s.count(origin, change)));
    CHECK(b == samples);
    CHECK(c == static_cast<std::uint64_t>(s.count(change, now)));

    SUBCASE("a walk from anywhere gives the same") {
        for (const auto cut : {change - 30s, change, change + 7s}) {
            agent::walk first{who, lived, {{}, origin}, cut, model::first_buckets{}};
            agg::piece p;
            while (first.next(p, 50)) {
            }
            const agent::sync_point from{first.end_window(), cut};
            for (const auto& [key, bucket] : walked(who, lived, from, now, 10)) {
                CHECK(all.at(key) == bucket);
            }
        }
    }
    SUBCASE("a mind that is changed again before a sample was taken leaves no trace") {
        lived.follow(two, change);
        CHECK(lived.targets_at(now) == two);
    }
}

TEST_CASE("a point serves a walk only if no wanted bucket ended before it") {
    const agent::sync_point p{{}, now - 1h};
    auto first = model::retained_at(now);
    CHECK(!agent::is_behind(p, first));
    for (const auto& g : proto::granularities) {
        first[proto::position(g.id)] = at(g.id, now - 1h);
    }
    CHECK(agent::is_behind(p, first));
    --first[0];
    CHECK(!agent::is_behind(p, first));
}
