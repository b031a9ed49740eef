#include "viewer/screen.hpp"

#include "planted_fleet.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace vsim;
using namespace vsim::test;
using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

namespace {

// Ticks at 2.5 s + k × 5 s after `zero`, samples at every second: the page opens at sample 10.
struct stage {
    explicit stage(std::size_t agents = 2) : fleet{agents} { page.connect(); }
    void tell(const std::string& text, util::wall_time arrival, std::size_t at_once = 1000) {
        page.take(text, arrival);
        while (page.work(at_once)) {
        }
    }
    util::wall_time tick(std::int64_t k) const { return fleet.at(0) + 2500ms + k * 5s; }
    std::uint64_t errors(const std::string& kind) const {
        const auto all = counts.take().errors;
        const auto found = all.find(kind);
        return found == all.end() ? 0 : found->second.count;
    }
    stats::histogram ages() const { return counts.total(latency::freshness); }
    stats::histogram excess() const { return counts.total(latency::freshness_excess); }

    planted_fleet fleet;
    stats::recorder counts{1};
    viewer::flip_log flips;
    viewer::screen page{fleet, counts, flips, fleet.at(10)};
};

bool is_near(util::nanoseconds a, util::nanoseconds b) {
    return a >= b - 10ms && a <= b + 10ms; // a bucket of the histogram
}

} // namespace

TEST_CASE("each sample is judged when it or a newer one is first shown") {
    stage s;
    s.fleet.send(0, 0, 10);
    s.tell(server_of(0, 10), s.fleet.at(10) + 100ms);
    CHECK(s.ages().count() == 0); // it was there before the page
    CHECK(s.page.has_seen(0));
    CHECK(!s.page.has_seen(1));
    s.fleet.send(0, 0, 12);
    s.tell(delta_of({entry_of(0, 12)}), s.tick(2)); // 12.5: samples 11 and 12
    CHECK(s.ages().count() == 2);
    CHECK(is_near(s.ages().min(), 500ms));
    CHECK(is_near(s.ages().max(), 1500ms));
    CHECK(s.excess().max() < 1ms);
    s.fleet.send(0, 0, 17);
    s.tell(delta_of({entry_of(0, 17)}), s.tick(3) + 20ms);
    CHECK(s.ages().count() == 7); // 13 to 17
    CHECK(is_near(s.ages().max(), 4520ms));
    CHECK(is_near(s.excess().max(), 20ms));
    CHECK(s.counts.total(counter::samples_seen) == 3);
    CHECK(s.counts.total(counter::samples_unmatched) == 0);
}

TEST_CASE("an older sample than could be shown has an excess of ticks") {
    stage s;
    s.fleet.send(0, 0, 12);
    s.tell(delta_of({entry_of(0, 12)}), s.tick(2));
    s.fleet.send(0, 0, 17);
    s.tell(delta_of({entry_of(0, 14)}), s.tick(3)); // 15, 16, 17 are missing
    CHECK(s.excess().max() < 1ms);
    s.fleet.send(0, 0, 22);
    s.tell(delta_of({entry_of(0, 22)}), s.tick(4));
    CHECK(is_near(s.excess().max(), 5s));
    CHECK(is_near(s.ages().max(), 7500ms)); // of 15
    CHECK(s.ages().count() == 12);          // 11 to 22, each once
}

TEST_CASE("what a stall has made obsolete counts with the whole wait") {
    stage s;
    s.fleet.send(0, 0, 12);
    s.tell(delta_of({entry_of(0, 12)}), s.tick(2));
    s.fleet.send(0, 0, 42);
    s.tell(delta_of({entry_of(0, 42)}), s.tick(8)); // nothing for 30 s, then the newest only
    CHECK(s.ages().count() == 2 + 30);
    CHECK(is_near(s.ages().max(), 29'500ms));
    CHECK(is_near(s.ages().quantile(0.5), 13'500ms));
    CHECK(is_near(s.excess().max(), 25s));
}

TEST_CASE("a stall that lasts to the end counts, too, and what is not overdue does not") {
    stage s;
    s.fleet.send(0, 0, 12);
    s.fleet.send(1, 11, 31); // never shown at all
    s.tell(delta_of({entry_of(0, 12)}), s.tick(2));
    CHECK(s.ages().count() == 2);
    s.fleet.send(0, 0, 31);
    s.page.finish(s.fleet.at(31));
    // Due at tick 5 (27.5) or before: 13 to 27 of one, 11 to 27 of the other.
    CHECK(s.ages().count() == 2 + 15 + 17);
    CHECK(is_near(s.ages().max(), 20s));
    s.page.finish(s.fleet.at(60));
    CHECK(s.ages().count() == 2 + 15 + 17); // once
}

TEST_CASE("samples that were not sent are nobody's fault") {
    stage s;
    s.fleet.send(0, 0, 12);
    s.tell(delta_of({entry_of(0, 12)}), s.tick(2));
    s.fleet.send(0, 40, 42); // an outage from 13 to 39
    s.tell(delta_of({entry_of(0, 42)}), s.tick(8));
    CHECK(s.ages().count() == 5);
    CHECK(is_near(s.ages().max(), 2500ms));
}

TEST_CASE("fields that did not change keep their value") {
    stage s;
    s.fleet.send(1, 0, 12);
    auto first = entry_of(1, 11);
    auto second = entry_of(1, 12);
    second.m->tx.reset();
    second.m->c = 5;
    s.tell(delta_of({second}), s.tick(2)); // tx was never told: not enough
    CHECK(s.counts.total(counter::samples_seen) == 0);
    s.tell(delta_of({first}), s.tick(2));
    s.tell(delta_of({second}), s.tick(3));
    CHECK(s.counts.total(counter::samples_seen) == 2);
    CHECK(s.ages().count() == 2);
}

TEST_CASE("a stream that is older than a delta changes nothing") {
    stage s;
    s.fleet.send(0, 0, 12);
    s.tell(delta_of({entry_of(0, 12)}), s.tick(2));
    s.tell(server_of(0, 9, false), s.tick(2) + 1ms);
    auto only_tx = entry_of(0, 12);
    only_tx.m->rx.reset();
    s.tell(delta_of({only_tx}), s.tick(3));
    CHECK(s.counts.total(counter::samples_unmatched) == 0);
    CHECK(s.ages().count() == 2);
    s.page.connect(); // now it is the newest word
    s.fleet.send(0, 0, 17);
    s.tell(server_of(0, 17), s.tick(3) + 10ms);
    CHECK(s.ages().count() == 7);
}

TEST_CASE("an agent that reports is shown as offline: once, whoever sees it") {
    stage s;
    stats::recorder& counts = s.counts;
    viewer::screen other{s.fleet, counts, s.flips, s.fleet.at(10)};
    s.fleet.send(0, 0, 52);
    s.tell(server_of(0, 10), s.fleet.at(11));
    other.take(server_of(0, 10), s.fleet.at(11));
    for (auto* page : {&s.page, &other}) {
        page->take(delta_of({flip_of(0, false)}), s.tick(10));
        CHECK(!page->work(10));
    }
    CHECK(counts.total(counter::false_offline) == 1);
    CHECK(s.errors("viewer.false_offline") == 1);
    CHECK(counts.take().errors["viewer.false_offline"].example.starts_with("agent-0: "));
    s.tell(delta_of({flip_of(0, true)}), s.tick(11));
    s.fleet.send(0, 0, 62);
    s.tell(delta_of({flip_of(0, false)}), s.tick(12));
    CHECK(counts.total(counter::false_offline) == 2);
}

TEST_CASE("who is silent, or has just come back, is offline by right") {
    stage s{4};
    for (std::size_t n = 0; n < 4; ++n) {
        s.tell(server_of(n, 10), s.fleet.at(11));
    }
    s.fleet.send(0, 0, 12);      // silent since
    s.fleet.send(1, 50, 52, 50); // was away for more than 30 s
    // 2 was never heard of by this run; 3 is offline already
    s.fleet.send(3, 0, 52);
    s.tell(delta_of({flip_of(0, false), flip_of(1, false), flip_of(2, false)}), s.tick(10));
    CHECK(s.counts.total(counter::false_offline) == 0);
    s.tell(server_of(3, 10, false), s.tick(10));
    s.tell(delta_of({flip_of(3, false)}), s.tick(10));
    CHECK(s.counts.total(counter::false_offline) == 0);
}

TEST_CASE("unknown ids are not ours, unknown values are counted, and garbage harms nothing") {
    stage s;
    s.fleet.send(0, 0, 12);
    s.tell(delta_of({entry_of(7, 12), flip_of(8, false)}), s.tick(2));
    s.tell(server_of(9, 12), s.tick(2));
    s.tell(delta_of({entry_of(0, 12), entry_of(0, 99)}), s.tick(2)); // 99 is of the future
    s.tell(delta_of({entry_of(1, 99)}), s.tick(2)); // has sent nothing: not of this run
    CHECK(s.counts.total(counter::samples_seen) == 1);
    CHECK(s.counts.total(counter::samples_unmatched) == 1);
    for (const auto* text :
         {"",
          "{",
          "[]",
          R"({"type":"delta","d":[{"id":5}]})",
          R"({"type":"delta","ts":1,"d":[{"id":"id-0","m":{"rx":-1}}]})",
          "\xff\xfe"}) {
        s.tell(text, s.tick(3));
    }
    CHECK(s.errors("viewer.protocol") == 6);
    s.tell(R"({"type":"site_settings"})", s.tick(3));
    s.tell(R"({"type":"delta","ts":1,"d":null})", s.tick(3));
    s.tell(R"({"type":"delta","ts":1,"d":[{"id":"id-0","m":{"c":3}}]})", s.tick(3));
    CHECK(s.errors("viewer.protocol") == 6);
    s.fleet.send(0, 0, 17);
    s.tell(delta_of({entry_of(0, 17)}), s.tick(3));
    CHECK(s.ages().count() == 7);
}

TEST_CASE("a long delta may be taken in pieces") {
    stage s{100};
    std::vector<proto::delta_entry> all;
    for (std::size_t n = 0; n < 100; ++n) {
        s.fleet.send(n, 0, 12);
        all.push_back(entry_of(n, 12));
    }
    s.page.take(delta_of(all), s.tick(2));
    int pieces = 1;
    while (s.page.work(33)) {
        ++pieces;
    }
    CHECK(pieces == 4);
    CHECK(s.ages().count() == 200);
}
