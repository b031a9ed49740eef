#include "agent/hardship.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace vsim;
using namespace std::chrono_literals;
using agent::blow;
using agent::cut;
using agent::hardship_plan;
using agent::hardships;
using std::nullopt;
using util::nanoseconds;

namespace {

constexpr std::uint64_t seed = 7;

std::vector<nanoseconds> drops(const hardships& h, std::uint32_t index, nanoseconds end) {
    std::vector<nanoseconds> times;
    for (auto b = h.next(index, -1ns); b && b->at < end; b = h.next(index, b->at)) {
        if (b->is_churn) {
            times.push_back(b->at);
        }
    }
    return times;
}

} // namespace

TEST_CASE("nothing befalls anybody without a plan") {
    const hardships h{seed, {}};
    CHECK(h.plan().is_empty());
    CHECK(h.next(0, -1ns) == nullopt);
    CHECK(h.cut_until(0, 5s) == nullopt);
}

TEST_CASE("an outage is told before it begins and felt while it lasts") {
    const hardships h{seed, {.outages = {{30s, 10s, 1, cut::silent}}}};
    CHECK(h.next(4, 0s) == blow{30s, 40s, cut::silent, false});
    CHECK(h.next(4, 30s - 1ns) == blow{30s, 40s, cut::silent, false});
    CHECK(h.next(4, 30s) == nullopt);
    CHECK(h.cut_until(4, 30s - 1ns) == nullopt);
    CHECK(h.cut_until(4, 30s) == nanoseconds{40s});
    CHECK(h.cut_until(4, 40s - 1ns) == nanoseconds{40s});
    CHECK(h.cut_until(4, 40s) == nullopt);
}

TEST_CASE("what begins with the run is found from before it") {
    const hardships h{seed, {.outages = {{0s, 1s}}}};
    CHECK(h.next(0, -1ns) == blow{0s, 1s, cut::close, false});
    CHECK(h.next(0, 0s) == nullopt);
}

TEST_CASE("outages that overlap or touch are one absence") {
    // Not in the order of time, because users are not either.
    const hardships h{
        seed,
        {.outages =
             {{40s, 5s, 1, cut::half_open}, {10s, 10s}, {15s, 15s}, {30s, 10s}, {60s, 1s}, {60s, 3s}
             }}
    };
    CHECK(h.next(0, 0s) == blow{10s, 45s, cut::close, false});
    CHECK(h.next(0, 10s)->at == 15s);
    CHECK(h.next(0, 30s) == blow{40s, 45s, cut::half_open, false});
    CHECK(h.next(0, 45s) == blow{60s, 63s, cut::close, false});
    CHECK(h.cut_until(0, 12s) == nanoseconds{45s});
    CHECK(h.cut_until(0, 50s) == nullopt);
}

TEST_CASE("of two outages that begin together the longer one says how") {
    const hardships h{
        seed, {.outages = {{5s, 1s, 1, cut::close}, {5s, 9s, 1, cut::silent}, {5s, 2s}}}
    };
    CHECK(h.next(0, 0s) == blow{5s, 14s, cut::silent, false});
}

TEST_CASE("an outage hits its share of the fleet, and each outage another one") {
    const hardships h{seed, {.outages = {{10s, 5s, 0.25}, {20s, 5s, 0.25}}}};
    int first = 0;
    int both = 0;
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        const bool hit = h.is_hit(0, i);
        CHECK(h.cut_until(i, 12s).has_value() == hit);
        first += hit ? 1 : 0;
        both += hit && h.is_hit(1, i) ? 1 : 0;
    }
    // Four standard deviations.
    CHECK(std::abs(first - 25'000) < 550);
    CHECK(std::abs(both - 6'250) < 310);
}

TEST_CASE("drops come as often as the plan says, whatever that is") {
    struct row {
        double churn;
        std::uint32_t agents;
        nanoseconds length;
    };
    for (const auto& [churn, agents, length] :
         {row{0.05, 20'000, 60s}, row{1, 2'000, 10min}, row{1e-4, 50'000, 24h}, row{30, 50, 10min}
         }) {
        CAPTURE(churn);
        const hardships h{seed, {.outages = {}, .churn = churn}};
        double sum = 0;
        for (std::uint32_t i = 0; i < agents; ++i) {
            sum += static_cast<double>(drops(h, i, length).size());
        }
        const double expected =
            churn * agents * std::chrono::duration<double, std::ratio<60>>{length}.count();
        CAPTURE(sum);
        CHECK(std::abs(sum - expected) < 4 * std::sqrt(expected));
    }
}

TEST_CASE("gaps between drops are exponential") {
    const hardships h{seed, {.outages = {}, .churn = 1}};
    int gaps = 0;
    int below_mean = 0;
    int above_three = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        nanoseconds last{0};
        for (const auto at : drops(h, i, 2h)) {
            ++gaps;
            below_mean += at - last < 60s ? 1 : 0;
            above_three += at - last > 180s ? 1 : 0;
            last = at;
        }
    }
    CHECK(static_cast<double>(below_mean) / gaps == doctest::Approx(0.632).epsilon(0.01));
    CHECK(static_cast<double>(above_three) / gaps == doctest::Approx(0.0498).epsilon(0.05));
}

TEST_CASE("the same question has the same answer, from wherever it is asked") {
    const hardship_plan plan{.outages = {{90s, 30s, 0.5}}, .churn = 0.7};
    const hardships h{seed, plan};
    const hardships same{seed, plan};
    const hardships other{seed + 1, plan};
    int differ = 0;
    for (std::uint32_t i = 0; i < 200; ++i) {
        for (auto b = h.next(i, 0s); b && b->at < 10min; b = h.next(i, b->at)) {
            CHECK(same.next(i, b->at - 1ns) == b);
            CHECK(b->until >= b->at);
            differ += other.next(i, b->at - 1ns) == b ? 0 : 1;
        }
    }
    CHECK(differ > 1000);
}

TEST_CASE("a drop happens to the connected only") {
    const hardships h{seed, {.outages = {{1min, 30min, 0.5}}, .churn = 1}};
    int alone = 0;
    for (std::uint32_t i = 0; i < 200; ++i) {
        for (const auto at : drops(h, i, 40min)) {
            CHECK(h.cut_until(i, at) == nullopt);
            alone += at > 1min && at < 31min ? 1 : 0;
        }
    }
    CHECK(alone > 2500); // the half that is spared goes on dropping
}

TEST_CASE("the rarest churn is answered at once") {
    const hardships h{seed, {.outages = {}, .churn = 1e-30}};
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const auto b = h.next(i, 0s);
        CHECK((!b || b->at > 24h));
    }
}
