#include "model/reading_track.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055) + 123ms;

// Steps from a millisecond to a month: within every stretch that a track keeps, and out of each.
util::milliseconds random_step(std::uint64_t draw) {
    const auto size = static_cast<double>(util::below(draw, 1'000'000)) / 1'000'000;
    return util::milliseconds{static_cast<std::int64_t>(std::pow(2.6e9, size))};
}

agg::reading at(reading_track& track, util::wall_time t) {
    agg::reading r;
    track.read(t, r);
    return r;
}

} // namespace

TEST_CASE("a walk gives what looking at each instant alone gives, forward, steadily and back") {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        for (std::uint32_t index = 0; index < 60; ++index) {
            const machine m{seed, index};
            reading_track track{m};
            agg::reading r;
            util::wall_time t = now - 4'000h;
            for (std::uint64_t n = 0; n < 200; ++n) {
                const auto draw = util::hash(seed, index, n);
                const bool steady = n >= 60 && n < 140;
                const auto step = steady ? util::milliseconds{3000} : random_step(draw);
                t = n % 7 == 6 && !steady ? t - step : t + step;
                CAPTURE(seed);
                CAPTURE(index);
                CAPTURE(n);
                track.read(t, r);
                CHECK(r == m.read(t));
            }
        }
    }
}

TEST_CASE("a walk over every edge of a stretch gives what looking alone gives") {
    // Where stretches of noise, episodes, hours, days and weeks begin, and a moment on both sides.
    const machine m{4, 2};
    for (const auto width : {879ms, 10'000ms, 90'000ms, 1'200'000ms, 3'600'000ms, 604'800'000ms}) {
        reading_track track{m};
        const auto edge = util::wall_time{now.time_since_epoch() / width * width};
        for (const auto around : {edge, edge + width, edge + 2 * width}) {
            for (const auto off : {-1ms, 0ms, 1ms}) {
                CHECK(at(track, around + off) == m.read(around + off));
            }
        }
    }
}

TEST_CASE("before the model's epoch counters stand at nothing") {
    const machine m{1, 1};
    for (const auto t : {util::wall_time{}, util::wall_time{} - 1'000h, now - 26'280h}) {
        CHECK(m.read(t).net_rx == 0);
        CHECK(m.read(t).cpu > 0);
    }
}

TEST_CASE("every instant of a day brings only readings that a machine can have") {
    for (std::uint32_t index = 0; index < 40; ++index) {
        const machine m{9, index};
        reading_track track{m};
        std::uint32_t unanswered = 0;
        for (auto t = now - 24h; t < now; t += 30s) {
            const auto r = at(track, t);
            CHECK((r.cpu >= 10 && r.cpu <= 10'000));
            CHECK((r.memory >= 200 && r.memory <= 9'800));
            CHECK((r.disk >= 100 && r.disk <= 9'700));
            for (std::size_t i = 0; i < r.target_count; ++i) {
                CHECK(r.pings[i].ok == r.pings[i].answered);
                CHECK((r.pings[i].latency >= 50) == r.pings[i].answered);
                unanswered += r.pings[i].answered ? 0 : 1;
            }
        }
        CHECK(unanswered < 0.1 * 5 * 2'880);
    }
}
