#include "stats/histogram_codec.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace vsim;
using util::nanoseconds;
using namespace std::chrono_literals;

namespace {

stats::histogram of(std::size_t n) {
    stats::histogram h;
    for (std::size_t i = 0; i < n; ++i) {
        const auto u = util::unit(util::hash(5, util::stream("codec"), i));
        h.record(nanoseconds{static_cast<std::int64_t>(1e3 * std::pow(10, u * 9.6))});
    }
    return h;
}

void check_same_buckets(const stats::histogram& a, const stats::histogram& b) {
    const auto one = a.buckets();
    const auto other = b.buckets();
    REQUIRE(one.size() == other.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        CAPTURE(i);
        REQUIRE(one[i].high_us == other[i].high_us);
        REQUIRE(one[i].count == other[i].count);
    }
    CHECK(a.count() == b.count());
}

} // namespace

TEST_CASE("encoded and decoded is the same, bucket by bucket") {
    for (const std::size_t n : {0U, 1U, 2U, 100U, 50'000U}) {
        const auto h = of(n);
        const auto back = stats::decode(stats::encode(h));
        REQUIRE(back);
        check_same_buckets(h, *back);
    }
}

TEST_CASE("every bucket of the range survives the way there and back") {
    stats::histogram h;
    for (std::int64_t us = 0; us <= 2100; ++us) {
        h.record(std::chrono::microseconds{us}, static_cast<std::uint64_t>(us + 1));
    }
    for (double us = 2100; us < 3.7e9; us *= 1.0004) { // more than two in each bucket
        h.record(std::chrono::microseconds{static_cast<std::int64_t>(us)});
    }
    const auto back = stats::decode(stats::encode(h));
    REQUIRE(back);
    check_same_buckets(h, *back);
    for (const double q : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
        CHECK(back->quantile(q) == h.quantile(q));
    }
}

TEST_CASE("counts of any size survive") {
    stats::histogram h;
    std::uint64_t count = 1;
    for (int i = 0; i < 55; ++i, count *= 2) {
        h.record(std::chrono::microseconds{i}, count);
    }
    const auto back = stats::decode(stats::encode(h));
    REQUIRE(back);
    check_same_buckets(h, *back);
}

TEST_CASE("the bytes are those of HdrHistogram's V2 encoding") {
    stats::histogram h;
    h.record(0us);
    h.record(0us);
    h.record(3us, 64);
    const auto bytes = stats::encode(h);
    REQUIRE(bytes.size() == 40 + 1 + 2 + 2);
    CHECK(bytes.substr(0, 4) == "\x1c\x84\x93\x13");
    CHECK(bytes.substr(4, 12) == std::string("\0\0\0\5\0\0\0\0\0\0\0\4", 12));
    CHECK(bytes.substr(32, 2) == "\x3f\xf0"); // 1.0
    // Two at 0; 2999 times none; 64 at 3000 ns. ZigZag doubles, and what is odd is negative.
    CHECK(bytes.substr(40) == "\x04\xed\x2e\x80\x01");
}

TEST_CASE("what is no histogram is not decoded") {
    const auto good = stats::encode(of(100));
    CHECK_FALSE(stats::decode(""));
    CHECK_FALSE(stats::decode(good.substr(0, 39)));
    CHECK_FALSE(stats::decode(good.substr(0, good.size() - 1)));
    CHECK_FALSE(stats::decode(good + '\0'));
    for (std::size_t i = 0; i < 32; ++i) {
        CAPTURE(i);
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x40);
        CHECK_FALSE(stats::decode(bad));
    }
    auto endless = good;
    for (std::size_t i = 40; i < endless.size(); ++i) {
        endless[i] = static_cast<char>(0xff);
    }
    CHECK_FALSE(stats::decode(endless));
}
