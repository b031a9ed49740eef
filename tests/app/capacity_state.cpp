#include "app/capacity_state.hpp"

#include "support.hpp"

#include <fstream>
#include <sstream>
#include <sys/stat.h>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using verdict = report::capacity_step::verdict;

namespace {

app::capacity_state example() {
    return {
        .arguments = "from = 100\ninterval = \"3s\"\n",
        .steps =
            {{.iteration = 1,
              .agents = 100,
              .is_borderline = true,
              .said = verdict::accepted,
              .criteria =
                  {{.expression = "fence.p99<100ms",
                    .value = 95.125,
                    .limit = 100,
                    .unit = "ms",
                    .is_ok = true},
                   {.expression = "verify.missing==0", .value = 0, .is_ok = true}},
              .started_at = util::from_unix_seconds(1'795'500'000) + 250ms,
              .took = 61'500ms,
              .messages_per_second = 33.5,
              .fence_p50_ms = 1.25,
              .fence_p99_ms = 95,
              .freshness_p95_ms = 5012.5,
              .send_lag_p99_ms = 4.5,
              .missing = 0,
              .server_cpu_pct = 12.5},
             {.iteration = 2,
              .agents = 100,
              .is_repeat = true,
              .said = verdict::rejected,
              .reason = "3 of 100 agents \"never\" connected",
              .criteria = {{.expression = "verify.missing==0", .note = "--verify is off"}}}},
    };
}

} // namespace

TEST_CASE("a state reads back as it was") {
    const auto written = example();
    const auto read = app::parse_state(app::state_text(written));
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
    CHECK(read->arguments == written.arguments);
    REQUIRE(read->steps.size() == 2);
    CHECK(read->steps[0].criteria == written.steps[0].criteria);
    CHECK(read->steps[1].criteria == written.steps[1].criteria);
    CHECK(read->steps[0].is_borderline);
    CHECK(read->steps[0].said == verdict::accepted);
    CHECK(read->steps[0].started_at == written.steps[0].started_at);
    CHECK(read->steps[0].freshness_p95_ms == 5012.5);
    CHECK(read->steps[1].is_repeat);
    CHECK(read->steps[1].reason == written.steps[1].reason);
    CHECK_FALSE(read->steps[1].fence_p99_ms);
    CHECK(app::state_text(*read) == app::state_text(written)); // the rest
}

TEST_CASE("a state is kept in a file, which need not be there") {
    const temporary_file file{""};
    const auto empty = app::load_state(file.path());
    REQUIRE(empty.has_value());
    CHECK_FALSE(empty->has_value());
    REQUIRE(app::save_state(file.path(), example()).has_value());
    const auto again = app::load_state(file.path());
    REQUIRE(again.has_value());
    REQUIRE(again->has_value());
    CHECK((*again)->steps.size() == 2);
    const auto absent = app::load_state(file.path() + ".not");
    REQUIRE(absent.has_value());
    CHECK_FALSE(absent->has_value());
    const auto nowhere = app::save_state("/nonexistent/state.json", example());
    REQUIRE_FALSE(nowhere.has_value());
    CHECK(nowhere.error().message.starts_with("--state: "));
}

TEST_CASE("what is no state is refused by name") {
    const auto whole = app::state_text(example());
    for (const auto& text : {
             std::string{"{}"},
             std::string{"[]"},
             std::string{"nonsense"},
             std::string{R"({"capacity_state": 2, "arguments": "", "steps": []})"},
             std::string{R"({"capacity_state": 1, "arguments": "", "steps": [{}]})"},
             whole.substr(0, whole.size() / 2),
         }) {
        CAPTURE(text);
        const temporary_file file{text};
        const auto loaded = app::load_state(file.path());
        REQUIRE_FALSE(loaded.has_value());
        CHECK(loaded.error().code == util::errc::bad_input);
        CHECK(loaded.error().message.starts_with("--state '" + file.path() + "': it is "));
    }
}

TEST_CASE("a search goes on only with the arguments it was begun with") {
    const std::string before = "from = 100\ninterval = \"3s\"\nquiet = true\n# token: not shown\n";
    const auto message = [&before](const std::string& now) {
        const auto same = app::check_same_arguments(before, now);
        return same ? "" : same.error().message;
    };
    CHECK(message(before) == "");
    CHECK(message("from = 100\ninterval = \"3s\"\nout = [\"json=-\"]\nstate = \"s\"\n") == "");
    constexpr auto tail = " (accepted: the same arguments, or another file)";
    CHECK(
        message("from = 100\ninterval = \"5s\"\n") ==
        std::string{"the search was begun with interval = \"3s\", now it is \"5s\""} + tail
    );
    CHECK(
        message("from = 100\n") ==
        std::string{"the search was begun with interval = \"3s\", now it is not set"} + tail
    );
    CHECK(
        message("from = 100\ninterval = \"3s\"\nkeep = true\n") ==
        std::string{"the search was begun with keep = not set, now it is true"} + tail
    );
}
