#include "report/machine_cpu.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using report::machine_cpu;

TEST_CASE("the first line of /proc/stat is the machine's CPU time") {
    const auto m = machine_cpu::parse("cpu  100 20 30 700 50 1 2 40 99 3\ncpu0 1 2 3\n");
    REQUIRE(m.has_value());
    CHECK(m->busy == 153); // guests are users already
    CHECK(m->steal == 40);
    CHECK(m->total == 943);
    for (const auto* damaged : {"", "cpu", "cpu ", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7"}) {
        CAPTURE(damaged);
        CHECK_FALSE(machine_cpu::parse(damaged).has_value());
    }
    const auto here = machine_cpu::now();
    REQUIRE(here.has_value());
    CHECK(here->total > 0);
}

TEST_CASE("use is what was gained between two looks") {
    const machine_cpu one{.busy = 100, .steal = 10, .total = 1000};
    const auto use = report::use_between(one, machine_cpu{.busy = 150, .steal = 20, .total = 1200});
    REQUIRE(use.has_value());
    CHECK(use->busy_pct == doctest::Approx(25));
    CHECK(use->steal_pct == doctest::Approx(5));
    CHECK_FALSE(report::use_between(one, one).has_value());
    CHECK_FALSE(report::use_between(one, std::nullopt).has_value());
    CHECK_FALSE(report::use_between(std::nullopt, one).has_value());
    const auto back = report::use_between(one, machine_cpu{.busy = 90, .steal = 9, .total = 1100});
    REQUIRE(back.has_value());
    CHECK(back->busy_pct == 0);
    CHECK(back->steal_pct == 0);
}
