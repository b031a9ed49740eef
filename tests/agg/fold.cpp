#include "agg/fold.hpp"

#include "support/random_reading.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

using namespace vsim;
using namespace vsim::agg;
using proto::granularity;

namespace {

constexpr std::int64_t hour_start = 498747LL * 3600;

} // namespace

TEST_CASE("folding in any order and any grouping gives the same bucket") {
    for (std::uint64_t seed = 1; seed <= 18; ++seed) {
        std::vector<reading> readings;
        for (std::uint64_t n = 0; n < 200; ++n) {
            const auto at = hour_start + static_cast<std::int64_t>(util::hash(seed, 99, n) % 3600);
            readings.push_back(test::random_reading(seed, n, at));
        }
        bucket direct;
        for (const auto& r : readings) {
            fold(direct, granularity::hourly, r);
        }
        // Shuffled, and by way of five-second and fifteen-minute buckets.
        std::ranges::sort(readings, {}, [](const reading& r) { return r.net_rx; });
        std::vector<bucket> quarters(4);
        for (const auto& r : readings) {
            bucket fine;
            fold(fine, granularity::sec5, r);
            fold(
                quarters[static_cast<std::size_t>((r.unix_seconds - hour_start) / 900)],
                granularity::min15,
                fine,
                granularity::sec5
            );
        }
        bucket grouped;
        for (const auto& q : quarters) {
            fold(grouped, granularity::hourly, q, granularity::min15);
        }
        CHECK(grouped == direct);
    }
}

TEST_CASE("a bucket holds what its readings say, for every number of targets") {
    for (std::uint64_t seed = 0; seed <= max_targets; ++seed) {
        bucket made;
        std::uint64_t cpu = 0, memory = 0, disk = 0, samples = 0, rx = 0, tx = 0;
        std::uint32_t cpu_max = 0, memory_max = 0;
        std::array<ping_sums, max_targets> pings{};
        for (std::uint64_t n = 0; n < 500; ++n) {
            const auto r = test::random_reading(seed, n, hour_start + static_cast<int>(n));
            fold(made, granularity::hourly, r);
            cpu += r.weight * r.cpu;
            memory += r.weight * r.memory;
            disk += r.weight * r.disk;
            cpu_max = std::max(cpu_max, r.cpu);
            memory_max = std::max(memory_max, r.memory);
            rx = std::max(rx, r.net_rx);
            tx = std::max(tx, r.net_tx);
            samples += r.weight;
            for (std::size_t i = 0; i < r.target_count; ++i) {
                if ((r.pinged >> i & 1) == 0) {
                    continue;
                }
                auto& p = pings[i];
                const auto& of = r.pings[i];
                p.latency_sum += of.answered ? r.weight * of.latency : 0;
                p.latency_max = std::max(p.latency_max, of.answered ? of.latency : 0);
                p.latency_count += of.answered ? r.weight : 0;
                (of.ok ? p.ok_count : p.fail_count) += r.weight;
            }
        }
        const bucket& b = made;
        CHECK(b.cpu == percent_sums{cpu, cpu_max});
        CHECK(b.memory == percent_sums{memory, memory_max});
        CHECK(b.disk_sum == disk);
        CHECK(b.net_rx == rx);
        CHECK(b.net_tx == tx);
        CHECK(b.sample_count == samples);
        REQUIRE(b.target_count == seed);
        std::uint64_t sum = 0, count = 0;
        for (std::size_t i = 0; i < seed; ++i) {
            CHECK(b.pings(i) == pings[i]);
            sum += pings[i].latency_sum;
            count += pings[i].latency_count;
        }
        CHECK(b.ping_sum() == sum);
        CHECK(b.ping_count() == count);
    }
}

TEST_CASE("a sum and its maximum do not touch each other, up to the largest of both") {
    using word = sum_and_max<20>;
    static_assert(sizeof(word) == 8);
    word w{word::largest_sum - 5, 7};
    w += {5, 3};
    CHECK((w.sum() == word::largest_sum && w.max() == 7));
    word v{0, word::largest_max};
    v += {word::largest_sum, 0};
    CHECK((v.sum() == word::largest_sum && v.max() == word::largest_max));
    v = {};
    v += {1, word::largest_max};
    v += {word::largest_sum - 1, word::largest_max - 1};
    CHECK((v.sum() == word::largest_sum && v.max() == word::largest_max));
}

TEST_CASE("a weight counts a reading that many times, but not in maxima and counters") {
    auto r = test::random_reading(7, 1, hour_start);
    r.weight = 1;
    bucket many;
    for (int i = 0; i < 40; ++i) {
        fold(many, granularity::daily, r);
    }
    r.weight = 40;
    bucket once;
    fold(once, granularity::daily, r);
    CHECK(once == many);
}

TEST_CASE("an unanswered ping is a failure without a latency") {
    reading r;
    r.target_count = 2;
    r.pinged = 0b11;
    r.pings[0] = {1234, true, true};
    bucket b;
    fold(b, granularity::sec5, r);
    CHECK(b.pings(0) == ping_sums{1234, 1234, 1, 1, 0});
    CHECK(b.pings(1) == ping_sums{0, 0, 0, 0, 1});
    CHECK(b.ping_sum() == 1234);
    CHECK(b.ping_count() == 1);
}

TEST_CASE("targets that come, rest and come back are counted where they were pinged, and only there"
) {
    // 1 target, then 3, then the first one rests, then it is back and the second one rests.
    const std::array<std::uint32_t, 4> counts{1, 3, 3, 3};
    const std::array<std::uint32_t, 4> masks{0b001, 0b111, 0b110, 0b101};
    bucket whole;
    bucket coarse;
    for (std::size_t n = 0; n < counts.size(); ++n) {
        reading r;
        r.unix_seconds = hour_start + static_cast<std::int64_t>(5 * n);
        r.weight = static_cast<std::uint32_t>(n + 1);
        r.target_count = counts[n];
        r.pinged = masks[n];
        if (n == 3) {
            r.pings[0] = {700, true, true};
        }
        fold(whole, granularity::hourly, r);
        bucket fine;
        fold(fine, granularity::sec5, r);
        CHECK(std::as_const(fine).target_count == counts[n]);
        fold(coarse, granularity::hourly, fine, granularity::sec5);
        CHECK(coarse == whole);
    }
    CHECK(std::as_const(whole).sample_count == 10);
    REQUIRE(std::as_const(whole).target_count == 3);
    CHECK(whole.pings(0) == ping_sums{2800, 700, 4, 4, 3});
    CHECK(whole.pings(1) == ping_sums{0, 0, 0, 0, 5});
    CHECK(whole.pings(2) == ping_sums{0, 0, 0, 0, 9});
    CHECK(whole.ping_count() == 4);
}

TEST_CASE("on the wire hundredths are percent and milliseconds") {
    reading r;
    r.unix_seconds = 10;
    r.cpu = 1234;
    r.target_count = 1;
    r.pinged = 1;
    r.pings[0] = {1450, true, true};
    bucket b;
    fold(b, granularity::sec5, r);
    CHECK(to_wire(b).bucket == 2);
    CHECK(to_wire(b).cpu_sum == 12.34);
    CHECK(to_wire(b).ping_sum == 14.5);
    CHECK(to_wire(b, 0, {"CF", "1.1.1.1"}).latency_max == 14.5);
}
