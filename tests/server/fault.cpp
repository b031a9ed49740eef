#include "server/fault.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace vsim;
using namespace std::chrono_literals;
using server::add_fault;
using server::fault_plan;

namespace {

fault_plan plan_of(std::initializer_list<std::string_view> specs) {
    fault_plan plan;
    for (const auto spec : specs) {
        CAPTURE(spec);
        const auto done = add_fault(plan, spec);
        CHECK_MESSAGE(done.has_value(), (done ? "" : done.error().message));
    }
    return plan;
}

} // namespace

TEST_CASE("each fault is read as it is written") {
    CHECK(plan_of({"drop-writes:10%"}).drop_writes == doctest::Approx(0.1));
    CHECK(plan_of({"drop-writes:100%"}).drop_writes == 1.0);
    CHECK(plan_of({"drop-writes:0.5%"}).drop_writes == doctest::Approx(0.005));
    CHECK(plan_of({"close:1%/s"}).close_share == doctest::Approx(0.01));
    CHECK(plan_of({"slow-read:64KB/s"}).read_rate == 64 * 1024);
    CHECK(plan_of({"slow-read:1.5MB/s"}).read_rate == 3 * 512 * 1024);
    CHECK(plan_of({"slow-read:500B/s"}).read_rate == 500);
    CHECK(plan_of({"slow-read:500/s"}).read_rate == 500); // as every size: a number of bytes
    CHECK(plan_of({"kill@30s"}).kill == 30s);
    CHECK(plan_of({"kill@0s"}).kill == 0s);
    const auto spans = plan_of({"stall:5s@20s", "refuse:30s@0s", "stall:1m@1h30m", "refuse:1@2.5"});
    CHECK(spans.stalls == std::vector<server::fault_span>{{5s, 20s}, {60s, 90min}});
    CHECK(spans.refusals == std::vector<server::fault_span>{{30s, 0s}, {1s, 2500ms}});
    CHECK(spans.specs.size() == 4);
    CHECK(spans.specs[2] == "stall:1m@1h30m");
}

TEST_CASE("only what happens at a time needs a schedule") {
    CHECK_FALSE(fault_plan{}.has_schedule());
    CHECK_FALSE(plan_of({"drop-writes:10%", "slow-read:64KB/s"}).has_schedule());
    for (const auto* spec : {"stall:5s@20s", "kill@30s", "close:1%/s", "refuse:30s@0s"}) {
        CAPTURE(spec);
        CHECK(plan_of({spec}).has_schedule());
    }
}

TEST_CASE("a fault that makes no sense is refused with the value and what is accepted") {
    struct {
        std::string_view spec;
        std::string_view says;
    } const wrong[] = {
        {"",
         "'' is not accepted (accepted: drop-writes:SHARE, stall:LENGTH@TIME, kill@TIME, "
         "close:SHARE/s, refuse:LENGTH@TIME, slow-read:SIZE/s)"},
        {"drop-write:10%", "'drop-write:10%' is not accepted (accepted: drop-writes:SHARE,"},
        {"drop-writes", "'drop-writes' is not accepted (accepted: drop-writes:SHARE,"},
        {"kill:5s", "accepted: drop-writes:SHARE,"},
        {"Kill@5s", "accepted: drop-writes:SHARE,"},
        {"drop-writes:", "'' is not a share (accepted: more than 0% to 100%"},
        {"drop-writes:10", "'10' is not a share"},
        {"drop-writes:%", "'%' is not a share"},
        {"drop-writes:0%", "'0%' is not a share"},
        {"drop-writes:101%", "'drop-writes:101%' is not accepted: '101%' is not a share"},
        {"drop-writes:-5%", "'-5%' is not a share"},
        {"drop-writes:nan%", "'nan%' is not a share"},
        {"drop-writes:1e1%", "'1e1%' is not a share"},
        {"close:1%", "'1%' is not a share a second (accepted: SHARE/s"},
        {"close:0%/s", "'0%' is not a share"},
        {"close:200%/s", "'200%' is not a share"},
        {"stall:5s", "'5s' is not a length and a time (accepted: LENGTH@TIME"},
        {"stall:@5s", "''"},
        {"stall:5s@", "''"},
        {"stall:0s@5s", "a length of more than 0"},
        {"stall:5x@5s", "'5x'"},
        {"refuse:30s", "LENGTH@TIME"},
        {"refuse:0s@0s", "a length of more than 0"},
        {"kill@", "''"},
        {"kill@soon", "'soon'"},
        {"slow-read:64KB", "'64KB' is not a speed (accepted: at least 1B/s"},
        {"slow-read:0KB/s", "'0KB/s' is not a speed"},
        {"slow-read:/s", "'/s' is not a speed"},
        {"slow-read:infB/s", "'infB/s' is not a speed"},
        {"slow-read:1.5B/s", "'1.5B/s' is not a speed"},
        {"slow-read:64kb/s", "'64kb/s' is not a speed"},
    };
    for (const auto& w : wrong) {
        CAPTURE(w.spec);
        fault_plan plan;
        const auto done = add_fault(plan, w.spec);
        REQUIRE_FALSE(done.has_value());
        const auto& message = done.error().message;
        CHECK_MESSAGE(message.find(w.says) != message.npos, message);
        CHECK(message.find("'" + std::string{w.spec} + "' is not accepted") == 0);
        CHECK(plan.specs.empty());
    }
}

TEST_CASE("a fault that can only be meant once is refused the second time") {
    for (const auto* spec : {"drop-writes:10%", "close:1%/s", "slow-read:64KB/s", "kill@30s"}) {
        CAPTURE(spec);
        auto plan = plan_of({spec});
        const auto before = plan;
        const auto done = add_fault(plan, spec);
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().message.find("given before") != std::string::npos);
        CHECK(plan == before);
    }
}

TEST_CASE("chance takes the share it should, and the same things again") {
    const auto kind = util::stream("test");
    int hits = 0;
    for (std::uint64_t n = 0; n < 10'000; ++n) {
        const bool hit = server::is_hit(0.1, kind, "Debug-Server-007", n);
        CHECK(hit == server::is_hit(0.1, kind, "Debug-Server-007", n));
        hits += hit ? 1 : 0;
    }
    CHECK(hits > 900);
    CHECK(hits < 1100);
    CHECK(server::is_hit(1.0, kind, "x", 5));
    CHECK_FALSE(server::is_hit(0.0, kind, "x", 5));
    int differ = 0;
    for (std::uint64_t n = 0; n < 1000; ++n) {
        differ += server::is_hit(0.5, kind, "a", n) != server::is_hit(0.5, kind, "b", n) ? 1 : 0;
    }
    CHECK(differ > 400);
}
