#include "app/capacity_plan.hpp"

#include "support.hpp"

#include <algorithm>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;

namespace {

app::capacity_config search_of(words args) {
    args.insert(args.begin(), "capacity");
    return app::with_criteria(config_of<app::capacity_config>(args));
}

std::string expressions(const app::capacity_config& c) {
    std::string all;
    for (const auto& t : c.run.thresholds) {
        all += t.expression + " ";
    }
    return all;
}

} // namespace

TEST_CASE("a search without words has the criteria of a dashboard that works") {
    const auto c = search_of({});
    CHECK(c.from == 100);
    CHECK(c.to == 10'000);
    CHECK(c.step_duration == 60s);
    CHECK(c.resolution == 0.05);
    CHECK(expressions(c) == "fence.p99<100ms freshness.p95<8s errors.rate<0.1% verify.missing==0 ");
    CHECK(c.run.has_fences);
    CHECK(c.run.viewers == 1);
    CHECK(c.run.readers == 0);
    CHECK(c.run.verify == 1000);
    CHECK(c.run.mode == app::run_mode::realtime);
}

TEST_CASE("only what the criteria need is switched on") {
    const auto c = search_of({"--threshold", "send_lag.p99<1s", "--threshold=errors.count==0"});
    CHECK(expressions(c) == "send_lag.p99<1s errors.count==0 ");
    CHECK(c.run.viewers == 0);
    CHECK_FALSE(c.run.verify);
    CHECK(search_of({"--threshold", "history_read.p95<1s"}).run.readers == 1);
}

TEST_CASE("a step is a run of its size") {
    const auto c = search_of({"--step-duration", "7s", "--cleanup-after", "--out", "json=-"});
    const auto small = app::step_of(c, 20);
    CHECK(small.count == 20);
    CHECK(small.duration == 7s);
    CHECK(small.mode == app::run_mode::realtime);
    CHECK(small.outputs.empty());
    CHECK_FALSE(small.cleanup_after);
    CHECK(small.starts_anew);
    CHECK(small.verify == 0);
    CHECK(app::step_of(c, 5000).verify == 1000);
}

TEST_CASE("the plan says what is searched and how long it may take") {
    const auto c = search_of(
        {"--from",
         "5",
         "--to",
         "40",
         "--step-duration",
         "3s",
         "--connect-rate",
         "20",
         "--settle",
         "2s",
         "--threshold",
         "errors.rate<1%"}
    );
    const auto lines = app::plan_of(c);
    REQUIRE(lines.size() > 5);
    CHECK(lines[0] == "search: 5 to 40 agents, to 5% of the answer");
    CHECK(lines[1] == "criteria: errors.rate<1%");
    // 5, 10, 20, 40, 30, 25, 22, 23, 24 at most, each 3 s and 2 s of ramp and 2 s of rest
    CHECK(
        lines[2] == "steps: at most 9 of 3s, 1m3s in all with the longest ramps and the rests "
                    "between; twice that if every step is so near a limit that it is repeated"
    );
}

TEST_CASE("what a search cannot have is refused") {
    CHECK(
        refusal({"capacity", "--from", "50", "--to", "40"}) ==
        "--from: 50 is more than --to 40 (accepted: 1 to that)"
    );
    CHECK(refusal({"capacity", "--count", "40"}) == "--count: is not an option of capacity");
    CHECK(refusal({"capacity", "--duration", "4s"}) == "--duration: is not an option of capacity");
    CHECK(refusal({"--from", "40"}) == "--from: is not an option of run");
    CHECK(
        refusal({"capacity", "--step-duration", "0"}) ==
        "--step-duration: '0' is out of range (accepted: 1s to 1d)"
    );
    CHECK(refusal({"capacity", "--resolution", "0%"})
              .starts_with("--resolution: '0%' is out of range"));
    CHECK(
        refusal({"--threshold", "fnce.p99<5ms"})
            .starts_with("--threshold: 'fnce.p99<5ms': there is no metric 'fnce' (accepted: fence,")
    );
}

TEST_CASE("a search and its thresholds read back from a file") {
    const words args{
        "capacity",
        "--from",
        "7",
        "--to",
        "70",
        "--step-duration",
        "1m30s",
        "--resolution",
        "10%",
        "--state",
        "s.json",
        "--threshold",
        "fence.p99 < 50ms@last=10s",
        "--threshold",
        "errors{auth.refused}==0",
        "--print-config"
    };
    const auto printed = text_of(args);
    CAPTURE(printed);
    const temporary_file file{printed};
    CHECK(text_of({"capacity", "--config", file.path(), "--print-config"}) == printed);
    const auto c = search_of({"--config", file.path()});
    CHECK(c.from == 7);
    CHECK(c.resolution == 0.1);
    CHECK(expressions(c) == "fence.p99 < 50ms@last=10s errors{auth.refused}==0 ");
    CHECK(c.arguments.find("step-duration = \"1m30s\"\n") != std::string::npos);
}

TEST_CASE("the list of what thresholds can be about is a matter of one flag") {
    for (const auto* command : {"run", "capacity"}) {
        const auto help = text_of({command, "--help-thresholds"});
        CHECK(help.find("METRIC[.STAT] OP VALUE[UNIT]") != std::string::npos);
        CHECK(help.find("metrics.missed") != std::string::npos);
    }
}
