#include "stats/histogram.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

using namespace vsim;
using util::nanoseconds;
using namespace std::chrono_literals;

namespace {

constexpr double quantiles[] = {0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};

using durations = std::vector<nanoseconds>;
constexpr double hour = 3.6e12;

// The same numbers for the same seed: `n` values made of even ones in (0, 1).
template <class Made>
durations made_of(std::uint64_t seed, std::size_t n, Made value_ns) {
    durations all;
    for (std::size_t i = 0; i < n; ++i) {
        const auto u = util::unit(util::hash(seed, util::stream("spread"), i));
        all.emplace_back(static_cast<std::int64_t>(value_ns(std::max(u, 1e-12))));
    }
    return all;
}

// Spread evenly over the logarithm between 1 µs and `highest`.
durations spread(std::uint64_t seed, std::size_t n, nanoseconds highest) {
    const auto decades = std::log10(static_cast<double>(highest.count()) / 1e3);
    return made_of(seed, n, [decades](double u) { return 1e3 * std::pow(10, u * decades); });
}

// As latencies come: even, waiting times, a long tail, two humps, steps, all the same.
std::vector<std::pair<const char*, durations>> distributions() {
    constexpr std::size_t n = 20'000;
    return {
        {"even up to 5 ms", made_of(11, n, [](double u) { return u * 5e6; })},
        {"even up to 1 h", made_of(12, n, [](double u) { return u * hour; })},
        {"exponential around 8 ms", made_of(13, n, [](double u) { return -8e6 * std::log(u); })},
        {"Pareto from 50 µs",
         made_of(14, n, [](double u) { return std::min(5e4 / std::pow(u, 1 / 0.9), hour); })},
        {"2 ms, but every twentieth 5 s",
         made_of(15, n, [](double u) { return u < 0.05 ? 5e9 + u * 1e9 : 2e6 + u * 1e5; })},
        {"powers of two",
         made_of(16, n, [](double u) { return 1e3 * std::exp2(std::floor(u * 32)); })},
        {"always 777,777 µs", made_of(17, n, [](double) { return 777'777e3; })},
    };
}

stats::histogram of(const std::vector<nanoseconds>& values) {
    stats::histogram h;
    for (const auto v : values) {
        h.record(v);
    }
    return h;
}

nanoseconds sorted_quantile(const std::vector<nanoseconds>& sorted, double q) {
    const auto rank = std::ceil(q * static_cast<double>(sorted.size()));
    return sorted[std::max<std::size_t>(1, static_cast<std::size_t>(rank)) - 1];
}

// What the header promises: 0.1 % and half a microsecond.
void check_close(nanoseconds found, nanoseconds exact) {
    const auto allowed = 0.001 * static_cast<double>(exact.count()) + 500;
    CHECK(std::abs(static_cast<double>((found - exact).count())) <= allowed);
}

void check_same(const stats::histogram& a, const stats::histogram& b) {
    CHECK(a.count() == b.count());
    CHECK(a.min() == b.min());
    CHECK(a.max() == b.max());
    CHECK(a.mean_ns() == doctest::Approx(b.mean_ns()));
    for (const auto q : quantiles) {
        CAPTURE(q);
        CHECK(a.quantile(q) == b.quantile(q));
    }
}

} // namespace

TEST_CASE("quantiles differ from exact sorting by at most 0.1 % and half a microsecond") {
    for (const auto highest : std::vector<nanoseconds>{2ms, 1s, 10min, 1h}) {
        auto values = spread(7, 20'000, highest);
        const auto h = of(values);
        std::ranges::sort(values);
        for (const auto q : quantiles) {
            CAPTURE(highest.count());
            CAPTURE(q);
            check_close(h.quantile(q), sorted_quantile(values, q));
        }
    }
}

TEST_CASE("whatever the distribution, a quantile is off by at most 0.1 % from 1 ms on") {
    for (auto& [name, all] : distributions()) {
        const auto h = of(all);
        std::ranges::sort(all);
        for (const auto q : quantiles) {
            CAPTURE(name);
            CAPTURE(q);
            const auto exact = sorted_quantile(all, q);
            check_close(h.quantile(q), exact);
            if (exact >= 1ms) {
                const auto off = static_cast<double>((h.quantile(q) - exact).count());
                CHECK(std::abs(off) / static_cast<double>(exact.count()) <= 0.001);
            }
        }
    }
}

TEST_CASE("over the whole range, value by value, a bucket is never wider than 0.1 %") {
    for (double us = 1; us < 3.6e9; us *= 1.0007) {
        const nanoseconds value{static_cast<std::int64_t>(us * 1e3)};
        auto h = of({value});
        h.record(50h); // so that the answer is the bucket's end and not the maximum
        check_close(h.quantile(0.5), value);
    }
}

TEST_CASE("recorded many times is recorded as often") {
    stats::histogram at_once;
    at_once.record(3ms, 1000);
    at_once.record(9ms, 0);
    check_same(at_once, of(durations(1000, 3ms)));
    CHECK(at_once.sum_ns() == 3e9);
}

TEST_CASE("buckets are what was recorded, in order") {
    const auto h = of({3us, 1us, 3us, 5s});
    const auto used = h.buckets();
    REQUIRE(used.size() == 3);
    CHECK(used[0].high_us == 1);
    CHECK(used[1].high_us == 3);
    CHECK(used[1].count == 2);
    CHECK(used[2].high_us >= 5'000'000);
    CHECK(used[2].high_us <= 5'005'000);
}

TEST_CASE("any number of parts merged in any order equal the histogram of all values") {
    durations all;
    std::vector<stats::histogram> parts;
    for (const auto& [name, some] : distributions()) {
        all.insert(all.end(), some.begin(), some.end());
        parts.push_back(of(some));
    }
    stats::histogram up;
    stats::histogram down;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        up.merge(parts[i]);
        down.merge(parts[parts.size() - 1 - i]);
    }
    check_same(up, of(all));
    check_same(down, of(all));
}

TEST_CASE("count, minimum, maximum and mean are exact") {
    const std::vector<nanoseconds> values{1500ns, 3ms, 17s, 250us, 999ns};
    const auto h = of(values);
    const auto sum = std::accumulate(values.begin(), values.end(), 0ns);
    CHECK(h.count() == 5);
    CHECK(h.min() == 999ns);
    CHECK(h.max() == 17s);
    CHECK(h.mean_ns() == doctest::Approx(static_cast<double>(sum.count()) / 5));
}

TEST_CASE("an empty histogram answers zero") {
    const stats::histogram h;
    CHECK(h.count() == 0);
    CHECK(h.min() == 0ns);
    CHECK(h.max() == 0ns);
    CHECK(h.mean_ns() == 0);
    CHECK(h.quantile(0.5) == 0ns);
}

TEST_CASE("a single value is every quantile") {
    const auto h = of({1'234'567ns});
    for (const auto q : quantiles) {
        CHECK(h.quantile(q) == 1'234'567ns);
    }
}

TEST_CASE("a negative duration counts as zero") {
    const auto h = of({-5ms});
    CHECK(h.count() == 1);
    CHECK(h.max() == 0ns);
}

TEST_CASE("values above one hour are counted and the maximum stays exact") {
    const auto h = of({1ms, 2h, 50h});
    CHECK(h.count() == 3);
    CHECK(h.max() == 50h);
    CHECK(h.quantile(1) == 50h);
    CHECK(h.quantile(0.6) >= 1h);
}

TEST_CASE("merged histograms equal the histogram of all values") {
    const auto small = spread(1, 3000, 1ms);
    const auto large = spread(2, 5000, 1h);
    auto all = small;
    all.insert(all.end(), large.begin(), large.end());

    auto up = of(small);
    up.merge(of(large));
    check_same(up, of(all));
    auto down = of(large);
    down.merge(of(small));
    check_same(down, of(all));
    down.merge({});
    check_same(down, of(all));
}

TEST_CASE("the part since an earlier state has the quantiles of what was recorded after it") {
    const auto before = spread(3, 2000, 1h);
    auto after = spread(4, 2000, 1s);
    const auto earlier = of(before);
    auto later = earlier;
    for (const auto v : after) {
        later.record(v);
    }
    const auto part = later.since(earlier);
    CHECK(part.count() == after.size());
    CHECK(part.mean_ns() == doctest::Approx(of(after).mean_ns()).epsilon(1e-6));
    std::ranges::sort(after);
    for (const auto q : quantiles) {
        CAPTURE(q);
        check_close(part.quantile(q), sorted_quantile(after, q));
    }
    CHECK(later.since(later).count() == 0);
}
