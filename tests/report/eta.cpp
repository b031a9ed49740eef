#include "report/eta.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

double seconds(util::nanoseconds d) {
    return std::chrono::duration<double>{d}.count();
}

// Shows `done` ten times a second; `look` sees what is known at each.
void play(
    report::eta& e,
    util::nanoseconds from,
    util::nanoseconds until,
    const std::function<double(double)>& done,
    const std::function<void(double)>& look = [](double) {}
) {
    for (auto t = from + 100ms; t <= until; t += 100ms) {
        e.see(static_cast<std::uint64_t>(done(seconds(t))), 6000, t);
        look(seconds(t));
    }
}

} // namespace

TEST_CASE("at a steady speed the end is known after two seconds and stays where it is") {
    report::eta e;
    const auto steady = [](double t) { return 100 * t; };
    play(e, 0s, 1900ms, steady, [&](double) { CHECK_FALSE(e.remaining()); });
    play(e, 1900ms, 59s, steady, [&](double t) {
        REQUIRE(e.remaining());
        CHECK(seconds(*e.remaining()) + t == doctest::Approx(60).epsilon(0.01));
        CHECK(e.speed() == doctest::Approx(100).epsilon(0.01));
    });
}

TEST_CASE("work that arrives in lumps does not make the end jump") {
    report::eta e;
    const auto lumpy = [](double t) { return 300 * std::floor(t / 3); };
    double before = 0;
    play(e, 0s, 55s, lumpy, [&](double t) {
        if (t > 10 && e.remaining()) {
            const auto end = t + seconds(*e.remaining());
            if (before > 0) {
                CHECK(std::abs(end - before) < 1.5); // in a tenth of a second
            }
            before = end;
        }
    });
    CHECK(before == doctest::Approx(60).epsilon(0.1));
}

TEST_CASE("another speed is believed within seconds") {
    report::eta e;
    play(e, 0s, 20s, [](double t) { return 200 * t; });
    CHECK(seconds(e.remaining().value()) == doctest::Approx(10).epsilon(0.1));
    play(e, 20s, 60s, [](double t) { return 4000 + 20 * (t - 20); });
    CHECK(e.speed() == doctest::Approx(20).epsilon(0.6)); // and not the mean so far, 80
    CHECK(seconds(e.remaining().value()) > 30);
}

TEST_CASE("nothing is foretold when nothing moves, nothing was done, or more than expected") {
    report::eta e;
    play(e, 0s, 10s, [](double) { return 0; });
    CHECK_FALSE(e.remaining());
    CHECK(e.idle() == 10s);

    report::eta stuck;
    play(stuck, 0s, 10s, [](double t) { return 100 * t; });
    CHECK(stuck.remaining());
    CHECK(stuck.idle() == 0s);
    play(stuck, 10s, 14s, [](double) { return 1000; });
    CHECK(stuck.remaining()); // it may go on
    play(stuck, 14s, 16s, [](double) { return 1000; });
    CHECK_FALSE(stuck.remaining());
    CHECK(stuck.idle() == 6s);

    report::eta beyond;
    play(beyond, 0s, 10s, [](double t) { return 700 * t; });
    CHECK_FALSE(beyond.remaining());
    CHECK(report::eta{}.speed() == 0);
}
