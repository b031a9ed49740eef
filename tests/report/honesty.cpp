#include "report/honesty.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace vsim;
using namespace std::chrono_literals;
using report::generator_figures;

namespace {

// Two threads that do little, on time.
generator_figures calm() {
    return {
        .max_lag = 100ms,
        .own_lag_p99 = 5ms,
        .send_lag_p99 = 5ms,
        .cpu_pct = 13,
        .threads_busy = {0.1, 0.02},
        .threads_waiting = {0.01, 0.0},
        .steal_pct = 0,
        .machine_pct = 40
    };
}

std::string all(const std::vector<std::string>& sentences) {
    std::string text;
    for (const auto& s : sentences) {
        text += s + "\n";
    }
    return text;
}

} // namespace

TEST_CASE("a run is invalid when the generator was the bottleneck, and only then") {
    struct row {
        const char* name;
        void (*change)(generator_figures&);
        bool is_valid;
        const char* said; // in a reason, or in a warning of a valid run; null: nothing is said
    };
    const row rows[]{
        {"calm", [](generator_figures&) {}, true, nullptr},
        {"just in time", [](auto& f) { f.own_lag_p99 = 50ms; }, true, nullptr},
        {"near", [](auto& f) { f.own_lag_p99 = 51ms; }, true, "near the 100 ms of --max-lag"},
        {"the limit itself", [](auto& f) { f.own_lag_p99 = 100ms; }, true, "near"},
        {"late",
         [](auto& f) { f.own_lag_p99 = 101ms; },
         false,
         "p99 of its own lag was 101 ms, more than the 100 ms"},
        {"late, but as late as allowed",
         [](auto& f) {
             f.own_lag_p99 = 2s;
             f.max_lag = 1h;
         },
         true,
         nullptr},
        {"busy, but on time",
         [](auto& f) {
             f.threads_busy = {0.99, 0.99};
             f.machine_pct = 100;
         },
         true,
         nullptr},
        {"saturated",
         [](auto& f) {
             f.threads_busy = {0.9, 0.8};
             f.threads_waiting = {0.1, 0.2};
             f.own_lag_p99 = 26ms;
         },
         false,
         "the generator was saturated"},
        {"one thread saturated, the other not",
         [](auto& f) {
             f.threads_busy = {1.0, 0.5};
             f.own_lag_p99 = 26ms;
         },
         true,
         nullptr},
        {"starved",
         [](auto& f) {
             f.own_lag_p99 = 500ms;
             f.threads_waiting = {0.7, 0.5};
         },
         false,
         "a thread of it was ready but without a core 70 % of the time"},
        {"robbed",
         [](auto& f) {
             f.own_lag_p99 = 500ms;
             f.steal_pct = 30;
         },
         false,
         "30 % of the machine's CPU time went to other machines"},
        {"crowded",
         [](auto& f) {
             f.own_lag_p99 = 500ms;
             f.machine_pct = 99.6;
         },
         false,
         "100 % of the machine's cores were in use"},
        {"late beside an embedded server",
         [](auto& f) {
             f.own_lag_p99 = 500ms;
             f.has_embedded_server = true;
         },
         false,
         "the embedded server shares the cores"},
        {"held up by the server",
         [](auto& f) { f.send_lag_p99 = 3s; },
         true,
         "not because of the generator"},
        {"some were skipped",
         [](auto& f) { f.late = 1234; },
         true,
         "1,234 samples were skipped because the generator came an interval late"},
        {"no schedule",
         [](auto& f) {
             f.has_schedule = false;
             f.own_lag_p99.reset();
             f.threads_busy = {1, 1};
         },
         true,
         "without a schedule"},
        {"no sample was due",
         [](auto& f) {
             f.own_lag_p99.reset();
             f.send_lag_p99.reset();
         },
         true,
         nullptr},
        {"nothing is known of threads and machine",
         [](auto& f) {
             f.threads_busy.clear();
             f.threads_waiting.clear();
             f.steal_pct.reset();
             f.machine_pct.reset();
         },
         true,
         nullptr},
    };
    for (const auto& r : rows) {
        CAPTURE(r.name);
        auto f = calm();
        r.change(f);
        const auto h = report::judge(f);
        CHECK(h.is_judged);
        CHECK(h.is_valid == r.is_valid);
        CHECK(h.reasons.empty() == r.is_valid);
        const auto said = all(r.is_valid ? h.warnings : h.reasons);
        CAPTURE(said);
        if (r.said == nullptr) {
            CHECK(said.empty());
        } else {
            CHECK(said.find(r.said) != std::string::npos);
        }
    }
}

TEST_CASE("a verdict keeps the figures that it was made from") {
    auto f = calm();
    f.late = 7;
    const auto h = report::judge(f);
    CHECK(h.max_lag == 100ms);
    CHECK(h.own_lag_p99 == std::optional<util::nanoseconds>{5ms});
    CHECK(h.late == 7);
    CHECK(h.cpu_pct == 13);
    CHECK(h.threads_busy == std::vector{0.1, 0.02});
    CHECK(h.threads_waiting == std::vector{0.01, 0.0});
    CHECK(h.steal_pct == std::optional{0.0});
    CHECK(h.machine_pct == std::optional{40.0});
}
