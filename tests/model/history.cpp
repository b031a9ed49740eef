#include "model/history.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;
using proto::granularity;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055) + 123ms;

struct walked {
    agg::piece all;
    agg::window end;
    std::size_t largest = 0;
};

walked walk(
    const machine& m,
    const schedule& s,
    const agg::window& start,
    util::wall_time from,
    util::wall_time to,
    std::size_t max_buckets = 500
) {
    walked out;
    history h{m, s, start, from, to};
    agg::piece p;
    while (h.next(p, max_buckets)) {
        out.largest = std::max(out.largest, p.size());
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            auto& list = out.all.buckets[g];
            list.insert(list.end(), p.buckets[g].begin(), p.buckets[g].end());
        }
    }
    CHECK(h.position() == to);
    out.end = h.end_window();
    return out;
}

// Every coarse bucket whose time lies wholly behind the oldest fine one equals the fold of the fine
// ones.
void check_fold(
    const agg::piece& p, granularity fine, granularity coarse, std::chrono::hours span
) {
    const auto& fines = p.buckets[proto::position(fine)];
    const auto& coarses = p.buckets[proto::position(coarse)];
    if (fines.empty()) {
        return;
    }
    std::map<std::int64_t, agg::bucket> folded;
    for (const auto& b : fines) {
        const auto index = proto::bucket_index(coarse, proto::bucket_start(fine, b.index));
        agg::fold(folded[index], coarse, b, fine);
    }
    const auto oldest = proto::bucket_start(fine, fines.front().index);
    std::size_t compared = 0;
    for (const auto& b : coarses) {
        if (proto::bucket_start(coarse, b.index) >= oldest) {
            CHECK(b == folded[b.index]);
            ++compared;
        }
    }
    // A bucket of twice the width lies wholly inside only if the span is long enough.
    CHECK((compared >= 1 || span < 2 * proto::facts(coarse).width));
}

} // namespace

TEST_CASE("two hours give the buckets of two hours, each once, in order, and none beyond the span"
) {
    const machine m{1, 3};
    const schedule s{1, 3, 3s};
    const auto w = walk(m, s, {}, now - 2h, now);
    const std::array<std::size_t, 5> expected{1441, 61, 9, 3, 1};
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        const auto& list = w.all.buckets[g];
        CHECK(list.size() + 1 >= expected[g]);
        CHECK(list.size() <= expected[g] + 1);
        CHECK(std::ranges::is_sorted(list, std::ranges::less_equal{}, &agg::bucket::index));
        CHECK(list.back().index <= proto::bucket_index(static_cast<granularity>(g), now));
    }
    std::uint64_t samples = 0;
    for (const auto& b : w.all.buckets[0]) {
        samples += b.sample_count;
    }
    CHECK(samples == static_cast<std::uint64_t>(s.count(now - 2h, now)));
    CHECK(w.all.buckets[4].back().sample_count == samples);
}

TEST_CASE("coarse buckets are exactly the fold of the finer ones, however long the history") {
    for (const auto hours : {1, 3, 30, 24 * 9, 24 * 40, 24 * 400}) {
        for (const auto interval : {2500ms, 3000ms, 60'000ms}) {
            for (std::uint32_t index = 0; index < 3; ++index) {
                CAPTURE(hours);
                CAPTURE(interval.count());
                const auto w = walk(
                    machine{1, index},
                    schedule{1, index, interval},
                    {},
                    now - std::chrono::hours{hours},
                    now
                );
                check_fold(w.all, granularity::sec5, granularity::min2, std::chrono::hours{hours});
                check_fold(w.all, granularity::sec5, granularity::min15, std::chrono::hours{hours});
                check_fold(
                    w.all, granularity::min15, granularity::hourly, std::chrono::hours{hours}
                );
                check_fold(
                    w.all, granularity::hourly, granularity::daily, std::chrono::hours{hours}
                );
            }
        }
    }
}

TEST_CASE("400 days fill every granularity as far as it is kept, in bounded pieces") {
    const schedule s{1, 5, 3s};
    const auto w = walk(machine{1, 5}, s, {}, now - 9600h, now, 500);
    CHECK(w.largest < 520);
    for (const auto& g : proto::granularities) {
        const auto& list = w.all.buckets[proto::position(g.id)];
        const auto oldest = proto::bucket_index(g.id, now - g.retention);
        CHECK(
            list.size() ==
            static_cast<std::size_t>(proto::bucket_index(g.id, s.at_or_before(now)) - oldest + 1)
        );
        CHECK(list.front().index == oldest);
        std::uint64_t rx = 0;
        for (const auto& b : list) {
            CHECK(b.sample_count > 0);
            CHECK(b.net_rx >= rx);
            rx = b.net_rx;
        }
    }
    // Every scheduled sample is accounted for, though few were drawn.
    std::uint64_t samples = 0;
    for (const auto& b : w.all.buckets[4]) {
        samples += b.sample_count;
    }
    CHECK(samples == static_cast<std::uint64_t>(s.count(now - 9600h, now)));
}

TEST_CASE("a walk continued from the open buckets gives what one walk gives") {
    const machine m{2, 11};
    const schedule s{2, 11, 3s};
    const auto whole = walk(m, s, {}, now - 100min, now);
    agg::window open;
    auto from = now - 100min;
    std::array<std::map<std::int64_t, agg::bucket>, proto::granularity_count> seen;
    for (const auto to : {now - 63min, now - 62min - 1ms, now - 62min, now - 5s, now}) {
        auto part = walk(m, s, open, from, to);
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            for (const auto& b : part.all.buckets[g]) {
                seen[g][b.index] = b; // the server keeps the last one sent
            }
        }
        open = part.end;
        from = to;
    }
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        CHECK(seen[g].size() == whole.all.buckets[g].size());
        for (const auto& b : whole.all.buckets[g]) {
            CHECK(seen[g][b.index] == b);
        }
    }
}

TEST_CASE("a span without a scheduled sample gives no buckets but those left open") {
    const schedule s{1, 1, 60s};
    const auto t = s.at_or_after(now);
    const auto w = walk(machine{1, 1}, s, {}, t, t + 10s);
    CHECK(w.all.empty());
}

TEST_CASE("partial buckets carry only what they saw") {
    const schedule s{1, 1, 3s};
    const auto hour = util::wall_time{std::chrono::floor<std::chrono::hours>(now)};
    const auto w = walk(machine{1, 1}, s, {}, hour - 10min, hour + 20min);
    const auto& hours = w.all.buckets[3];
    REQUIRE(hours.size() == 2);
    CHECK(hours[0].sample_count == static_cast<std::uint32_t>(s.count(hour - 10min, hour - 1ns)));
    CHECK(hours[1].sample_count == static_cast<std::uint32_t>(s.count(hour - 1ns, hour + 20min)));
}

TEST_CASE("walks with one anchor agree, whenever they are made and however they are divided") {
    const machine m{1, 3};
    const schedule s{1, 3, 3s};
    const auto from = now - 50h;
    first_buckets everything{};
    const auto whole = [&](util::wall_time to) {
        history h{m, s, {}, from, to, now, everything};
        std::map<std::pair<std::size_t, std::int64_t>, agg::bucket> found;
        agg::piece p;
        while (h.next(p, 100)) {
            for (std::size_t g = 0; g < proto::granularity_count; ++g) {
                for (const auto& b : p.buckets[g]) {
                    found[{g, b.index}] = b;
                }
            }
        }
        return found;
    };
    const auto early = whole(now);
    const auto late = whole(now + 7h);
    CHECK(late.size() > early.size());
    for (const auto& [key, b] : early) {
        const auto g = static_cast<granularity>(key.first);
        if (proto::bucket_start(g, b.index) + proto::width_seconds(g) <= util::unix_seconds(now)) {
            CHECK(late.at(key) == b);
        }
    }

    // In two parts, cut at an instant that suits nobody; also before the anchor.
    for (const auto cut : {now - 40h + 7s, now + 1h + 11s}) {
        history first{m, s, {}, from, cut, now, everything};
        agg::piece p;
        while (first.next(p, 100)) {
        }
        history second{m, s, first.end_window(), cut, now + 7h, now, everything};
        while (second.next(p, 100)) {
        }
        const auto day = second.end_window().open(granularity::daily);
        CHECK(day.sample_count == late.at({4, day.index}).sample_count);
        CHECK(day.net_rx == late.at({4, day.index}).net_rx);
    }
}

TEST_CASE("a walk hands out nothing before the first buckets that are wanted") {
    const machine m{1, 3};
    const schedule s{1, 3, 3s};
    auto first = retained_at(now);
    first[proto::position(granularity::min2)] = proto::bucket_index(granularity::min2, now - 10min);
    history h{m, s, {}, now - 2h, now, now, first};
    agg::piece p;
    std::vector<agg::bucket> min2;
    std::size_t daily = 0;
    while (h.next(p, 100)) {
        const auto& list = p.buckets[proto::position(granularity::min2)];
        min2.insert(min2.end(), list.begin(), list.end());
        daily += p.buckets[proto::position(granularity::daily)].size();
    }
    CHECK(min2.size() == 6);
    CHECK(min2.front().index == first[1]);
    CHECK(daily >= 1);
}
