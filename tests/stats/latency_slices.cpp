#include "stats/latency_slices.hpp"

#include "stats/histogram_codec.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace std::chrono_literals;
using stats::latency;

namespace {

const std::string& of(const stats::latency_slice& s, latency l) {
    return s.encoded[static_cast<std::size_t>(l)];
}

} // namespace

TEST_CASE("a slice holds what was recorded in it") {
    stats::recorder counts{2};
    stats::latency_slices slices{counts};
    counts.record(latency::fence, 3ms);
    slices.sample(1s); // too soon
    CHECK(slices.all().empty());
    counts.record(latency::fence, 5ms);
    slices.sample(5s);
    slices.sample(10s);
    counts.record(latency::connect, 1ms);
    slices.sample(11s, true);

    const auto& all = slices.all();
    REQUIRE(all.size() == 3);
    CHECK(all[0].from == 0s);
    CHECK(all[0].until == 5s);
    CHECK(stats::decode(of(all[0], latency::fence))->count() == 2);
    CHECK(of(all[0], latency::connect).empty());
    CHECK(of(all[1], latency::fence).empty());
    CHECK(all[2].until == 11s);
    CHECK(stats::decode(of(all[2], latency::connect))->count() == 1);
}

TEST_CASE("a long run has no more slices than fit, and they lose nothing") {
    stats::recorder counts{1};
    stats::latency_slices slices{counts, 1s, 8};
    for (int second = 1; second <= 1000; ++second) {
        counts.record(latency::send_lag, std::chrono::milliseconds{second});
        if (second % 3 == 0) {
            counts.record(latency::fence, 1ms);
        }
        slices.sample(std::chrono::seconds{second});
        REQUIRE(slices.all().size() <= 8);
    }
    slices.sample(1001s, true);
    stats::histogram lag;
    std::uint64_t fences = 0;
    auto until = 0ns;
    for (const auto& s : slices.all()) {
        CHECK(s.from == until);
        until = s.until;
        lag.merge(stats::decode(of(s, latency::send_lag)).value());
        fences += stats::decode(of(s, latency::fence)).value().count();
    }
    CHECK(lag.count() == 1000);
    CHECK(fences == 333);
    CHECK(lag.quantile(0.5) == counts.total(latency::send_lag).quantile(0.5));
}
