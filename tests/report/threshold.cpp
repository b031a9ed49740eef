#include "report/threshold.hpp"

#include "example.hpp"
#include "report/units.hpp"

#include <doctest/doctest.h>

#include <random>
#include <utility>

using namespace vsim;
using namespace std::chrono_literals;
using report::parse_threshold;
using stats::counter;
using stats::latency;

namespace {

report::threshold_result judged(const report::run_result& r, std::string_view text) {
    const auto t = parse_threshold(text);
    REQUIRE_MESSAGE(t.has_value(), (t ? "" : t.error().message));
    return report::evaluate(*t, r, {});
}

std::string refusal(std::string_view text) {
    const auto t = parse_threshold(text);
    return t ? "" : t.error().message;
}

// The example with everything measured that thresholds can name.
report::run_result measured_run() {
    auto r = test::example_run();
    r.phases.push_back({"drain", 900ms});
    r.fleet.time_to_all_connected = 2100ms;
    r.verified = report::verification{
        .source = "server.db",
        .agents = 50,
        .metrics =
            {{.name = "5sec",
              .expected = 1000,
              .found = 990,
              .missing = 10,
              .altered = 2,
              .foreign = 1}},
        .ping = {},
        .twice = 3,
        .late = 4,
        .agents_with_loss = 5,
        .examples = {},
    };
    r.freshness = report::freshness_facts{.viewers = 1, .agents = 50, .never_seen = 6};
    r.server_process = report::watched_process{
        .cpu_live = 32s,
        .rss_peak_bytes = 64 * 1024 * 1024,
        .threads_peak = 9,
        .fds_peak = 77,
        .cpu_us_per_message = 30.5,
        .rss_per_agent_bytes = 2048,
    };
    r.trust.steal_pct = 1.5;
    return r;
}

void set(stats::snapshot& s, counter which, std::uint64_t n) {
    s.counters[static_cast<std::size_t>(which)] = n;
}

} // namespace

TEST_CASE("a threshold names a figure, a limit in a unit of its own, and is met or not") {
    struct row {
        std::string_view text;
        double value;
        bool is_ok;
        std::string_view unit;
    };
    const row rows[]{
        {"connect.p99<50ms", 0.99, true, "ms"},
        {"connect.p99<900us", 990, false, "us"},
        {"connect.p999 <= 1s", 0.999e-3, true, "s"},
        {"connect.max==1ms", 1, true, "ms"},
        {"connect.min>=1us", 1, true, "us"},
        {"connect.count==1k", 1000, true, ""},
        {"connect.count!=1000", 1000, false, ""},
        {"metrics.sent>103499", 103'500, true, ""},
        {"metrics.missed==0", 12, false, ""},
        {"metrics.sent.rate>1600/s", 103'500 / 62.1, true, "/s"},
        {"history.sent.rate>40000/m", 5000 / 6.0, true, "/s"},
        {"metrics.bytes<1GB", 170'775'000.0 / (1 << 30), true, "GB"},
        {"metrics.bytes.rate<2MB/s", 170'775'000.0 / 62.1 / (1 << 20), false, "MB/s"},
        {"errors.count<2k", 1236, true, ""},
        {"errors.rate<0.1%", 100.0 * 1236 / (1236 + 103'500 + 5000 + 5000 + 40), false, "%"},
        {"errors{connect.unreachable}==0", 1234, false, ""},
        {"errors{auth.refused}.rate<0.1%", 100.0 * 2 / (1236 + 103'500 + 10'040), true, "%"},
        {"errors{never.seen}==0", 0, true, ""},
        {"fleet.never_connected<1", 2, false, ""},
        {"fleet.connected_peak>=4998", 4998, true, ""},
        {"fleet.disconnects<10", 7, true, ""},
        {"time_to_all_connected<2s", 2.1, false, "s"},
        {"verify.missing==0", 10, false, ""},
        {"verify.altered<3", 2, true, ""},
        {"verify.foreign==1", 1, true, ""},
        {"verify.twice==0", 3, false, ""},
        {"verify.late<=4", 4, true, ""},
        {"freshness.never_seen==0", 6, false, ""},
        {"freshness.false_offline==0", 0, true, ""},
        {"process.cpu<50%", 100 * 1.38 / 63, true, "%"},
        {"process.cpu_us_per_message<20", 1.38e6 / 103'500, true, "us"},
        {"process.cpu_us_per_message<10us", 1.38e6 / 103'500, false, "us"},
        {"process.rss_peak<100MB", 61'000'000.0 / (1 << 20), true, "MB"},
        {"process.rss_per_agent<16KB", 10'000 / 1024.0, true, "KB"},
        {"machine.steal<=1.5%", 1.5, true, "%"},
        {"server.cpu<40%", 100 * 32 / 63.0, false, "%"},
        {"server.rss_peak<=64MB", 64, true, "MB"},
        {"server.cpu_us_per_message<31", 30.5, true, "us"},
        {"server.fds_peak>77", 77, false, ""},
        {"send_lag.p50<0", 65'024e-3, false, "ms"},
    };
    const auto r = measured_run();
    for (const auto& [text, value, is_ok, unit] : rows) {
        CAPTURE(text);
        const auto t = judged(r, text);
        REQUIRE(t.value);
        CHECK(*t.value == doctest::Approx(value).epsilon(0.002));
        CHECK(t.is_ok == is_ok);
        CHECK(t.unit == unit);
        CHECK(t.expression == text);
        CHECK(t.note == "");
    }
}

TEST_CASE("what was not measured is not met, and says why") {
    struct row {
        std::string_view text;
        std::string_view why;
    };
    const row rows[]{
        {"fence.p99<50ms", "--fence is off, or nothing was sent"},
        {"fence.answered>=0", "--fence is off, or nothing was sent"},
        {"freshness.p95<8s", "--viewers is 0"},
        {"freshness.never_seen==0", "--viewers is 0"},
        {"freshness.false_offline==0", "--viewers is 0"},
        {"viewers.bytes<1MB", "--viewers is 0"},
        {"history_read.p95<1s", "--readers is 0, or none was answered"},
        {"readers.bytes<1MB", "--readers is 0, or none was answered"},
        {"verify.missing==0", "--verify is off, or could not be done"},
        {"server.cpu<80%", "--watch-pid is not given"},
        {"time_to_all_connected<5s", "they never were all connected"},
        {"fleet.never_connected==0", "there was no ramp"},
        {"connect.p99<1s", "there was none"},
        {"errors.rate<1%", "nothing was attempted"},
        {"metrics.sent.rate>0/s", "there was no time to count in"},
        {"metrics.missed==0@last=1m", "no run phase, or it was not watched"},
    };
    report::run_result nothing;
    for (const auto& [text, why] : rows) {
        CAPTURE(text);
        const auto t = judged(nothing, text);
        CHECK_FALSE(t.value);
        CHECK_FALSE(t.is_ok);
        CHECK(report::value_text(t) == "not measured: " + std::string{why});
    }
    auto unreadable = measured_run();
    unreadable.verified->unreadable = 3;
    CHECK(
        report::value_text(judged(unreadable, "verify.missing<1k")) ==
        "not measured: 3 agents could not be read back"
    );
    CHECK(judged(unreadable, "verify.unreadable<5").is_ok);
}

TEST_CASE("a bad threshold is refused with what is wrong and what is accepted") {
    const std::pair<std::string_view, std::string_view> rows[]{
        {"", "'': there is no comparison (accepted: one of < <= > >= == !=)"},
        {"fence.p99", "'fence.p99': there is no comparison (accepted: one of < <= > >= == !=)"},
        {"fence.p99=5ms",
         "'fence.p99=5ms': that is no comparison (accepted: one of < <= > >= == !=)"},
        {"<5ms",
         "'<5ms': the metric is missing (accepted: METRIC[.STAT] OP VALUE[UNIT][@last=TIME])"},
        {"fence.p99<",
         "'fence.p99<': the value is missing (accepted: a duration with its unit: 50ms, 8s, 1m30s, "
         "800us)"},
        {"fence.p99<50",
         "'fence.p99<50': '50' does not fit fence (accepted: a duration with its unit: 50ms, 8s, "
         "1m30s, 800us)"},
        {"fence.p99<50%",
         "'fence.p99<50%': '50%' does not fit fence (accepted: a duration with its unit: 50ms, 8s, "
         "1m30s, 800us)"},
        {"fence.p99<-5ms",
         "'fence.p99<-5ms': '-5ms' does not fit fence (accepted: a duration with its unit: 50ms, "
         "8s, 1m30s, 800us)"},
        {"fence.p99<5ms,",
         "'fence.p99<5ms,': '5ms,' does not fit fence (accepted: a duration with its unit: 50ms, "
         "8s, 1m30s, 800us)"},
        {"errors.rate<1",
         "'errors.rate<1': '1' does not fit errors.rate (accepted: a percentage: 0.1%, 80%)"},
        {"errors.count<1%",
         "'errors.count<1%': '1%' does not fit errors.count (accepted: a number: 0, 1500, 1.5k)"},
        {"metrics.sent.rate>1MB/s",
         "'metrics.sent.rate>1MB/s': '1MB/s' does not fit metrics.sent (accepted: a rate: 1600/s, "
         "90/m)"},
        {"metrics.bytes.rate>1600",
         "'metrics.bytes.rate>1600': '1600' does not fit metrics.bytes (accepted: a rate: 512KB/s, "
         "2MB/s)"},
        {"process.rss_peak<5s",
         "'process.rss_peak<5s': '5s' does not fit process.rss_peak (accepted: a size: 512KB, "
         "64MB, 2GB (powers of 1024))"},
        {"metrics.sent.p99>5",
         "'metrics.sent.p99>5': 'p99' is no statistic of metrics.sent (accepted: "
         "metrics.sent.count, metrics.sent.rate)"},
        {"errors{}==0",
         "'errors{}==0': an error's kind is missing (accepted: errors{connect.refused}, "
         "errors{connect.refused}.rate)"},
        {"errors{a==0",
         "'errors{a==0': an error's kind is missing (accepted: errors{connect.refused}, "
         "errors{connect.refused}.rate)"},
        {"errors{a}x==0",
         "'errors{a}x==0': 'x' does not fit there (accepted: errors{connect.refused}, "
         "errors{connect.refused}.rate)"},
        {"metrics.sent>5@60s",
         "'metrics.sent>5@60s': '@60s' is not a window (accepted: @last=60s: 1s to 1h, of the end "
         "of the run phase)"},
        {"metrics.sent>5@last=",
         "'metrics.sent>5@last=': '@last=' is not a window (accepted: @last=60s: 1s to 1h, of the "
         "end of the run phase)"},
        {"metrics.sent>5@last=2h",
         "'metrics.sent>5@last=2h': '@last=2h' is not a window (accepted: @last=60s: 1s to 1h, of "
         "the end of the run phase)"},
        {"verify.missing==0@last=60s",
         "'verify.missing==0@last=60s': verify.missing is only known of the whole run (accepted: "
         "@last with latencies, counters and errors)"},
    };
    for (const auto& [text, message] : rows) {
        CHECK(refusal(text) == message);
    }
    CHECK(refusal("fence<5ms")
              .starts_with("'fence<5ms': which fence? (accepted: fence.count, fence.min"));
    CHECK(refusal("fence.p98<5ms")
              .starts_with("'fence.p98<5ms': 'p98' is no statistic of fence (accepted: fence.count")
    );
    CHECK(refusal("fnce.p99<5ms")
              .starts_with("'fnce.p99<5ms': there is no metric 'fnce' (accepted: fence, "));
    CHECK(refusal("metrics.snt>5")
              .starts_with(
                  "'metrics.snt>5': there is no metric 'metrics.snt' (accepted: metrics.sent, "
              ));
    CHECK(refusal("server.rss<5MB")
              .starts_with("'server.rss<5MB': there is no metric 'server.rss' (accepted: "
                           "server.rss_peak, server.rss_per_agent, "));
    CHECK(refusal(std::string(5000, 'a') + "<5").size() < 400);
}

TEST_CASE("whatever is typed, it is understood or refused in one line that names it") {
    std::mt19937 dice{1};
    constexpr std::string_view letters = "fence.p99<>=!50ms@last60%/kKMB{}- \n\x01\xc3\xa9";
    const auto any = [&dice](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>{0, below - 1}(dice);
    };
    std::size_t understood = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text = any(2) == 0 ? "fence.p99<50ms@last=60s" : "errors{a.b}.rate>=0.1%";
        for (auto n = any(4); n > 0; --n) {
            const auto at = any(text.size() + 1);
            if (any(2) == 0 && at < text.size()) {
                text.erase(at, 1);
            } else {
                text.insert(at, 1, letters[any(letters.size())]);
            }
        }
        const auto t = parse_threshold(text);
        if (t) {
            ++understood;
            CHECK(std::isfinite(t->limit));
            CHECK(t->unit_size > 0);
            CHECK(parse_threshold(report::text_of(*t)).has_value());
            report::evaluate(*t, test::failed_run(), {});
        } else {
            CHECK(t.error().code == util::errc::bad_input);
            CHECK(t.error().message.find('\n') == std::string::npos);
            CHECK(t.error().message.starts_with("'"));
        }
    }
    CHECK(understood > 1000);
}

TEST_CASE("a window is judged by what it gained, in its own time") {
    auto r = measured_run();
    report::window minute{.length = 60s, .covers = 60s, .gained = {}};
    set(minute.gained, counter::metrics_sent, 600);
    minute.gained.latencies[static_cast<std::size_t>(latency::connect)].record(7ms);
    minute.gained.errors = {{"auth.refused", {6, ""}}};
    const auto in_window = [&](std::string_view text) {
        return report::evaluate(parse_threshold(text).value(), r, {&minute, 1});
    };
    CHECK(in_window("metrics.sent.rate==10/s@last=60s").is_ok);
    CHECK(in_window("connect.p99>=7ms@last=1m").is_ok);
    CHECK(in_window("errors{auth.refused}==6 @last=60s").is_ok);
    CHECK(in_window("errors.rate>0.99%@last=60s").is_ok);
    CHECK_FALSE(in_window("errors.rate>0.99%@last=30s").value);
    minute.covers = 4s;
    const auto t = in_window("metrics.sent.rate==150/s@last=60s");
    CHECK(t.is_ok);
    CHECK(report::value_text(t) == "150/s (the run phase was shorter: 4.00 s)");
}

TEST_CASE("windows are asked for once a length, with the latencies that are named") {
    std::vector<report::threshold> all;
    for (const auto* text :
         {"fence.p99<1s@last=60s",
          "fence.p50<1s@last=1m",
          "metrics.sent>5@last=10s",
          "connect.p99<1s@last=60s",
          "auth.p99<1s"}) {
        all.push_back(parse_threshold(text).value());
    }
    const auto wanted = report::windows_of(all);
    REQUIRE(wanted.size() == 2);
    CHECK(wanted[0].length == 60s);
    CHECK(wanted[0].latencies == std::vector{latency::fence, latency::connect});
    CHECK(wanted[1].length == 10s);
    CHECK(wanted[1].latencies.empty());
}

TEST_CASE("the help names every metric and fits a terminal") {
    const auto help = report::threshold_help();
    for (const auto& m : report::metrics()) {
        CHECK(help.find(m.name) != std::string::npos);
    }
    for (std::size_t from = 0; from < help.size();) {
        const auto end = help.find('\n', from);
        CHECK(report::columns(std::string_view{help}.substr(from, end - from)) <= 80);
        from = end + 1;
    }
}
