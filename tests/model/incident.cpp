#include "model/incident.hpp"

#include "model/history.hpp"
#include "model/machine.hpp"
#include "model/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;
using enum incident_kind;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055) + 123ms;

std::int64_t hundredths(double v) {
    return std::llround(v * 100);
}

agg::piece walk(const machine& m, const schedule& s, util::wall_time from, util::wall_time to) {
    agg::piece all, p;
    history h{m, s, {}, from, to};
    while (h.next(p, 500)) {
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            auto& list = all.buckets[g];
            list.insert(list.end(), p.buckets[g].begin(), p.buckets[g].end());
        }
    }
    return all;
}

// Samples in [a, b) and [c, d).
std::int64_t common(
    const schedule& s, util::wall_time a, util::wall_time b, util::wall_time c, util::wall_time d
) {
    const auto from = std::max(a, c), to = std::min(b, d);
    return from < to ? s.count(from - 1ns, to - 1ns) : 0;
}

// Of one machine that all of them hit.
machine struck(const incident_plan& plan, std::uint32_t index = 4) {
    return {1, index, {.incidents = &plan}};
}

} // namespace

TEST_CASE("an incident hits about its share of the machines, and more of them if it is larger") {
    for (const double share : {0.0, 0.1, 0.5, 1.0}) {
        const incident_plan plan{9, {{cpu, now, now + 1h, share}, {cpu, now, now + 1h, share}}};
        const incident_plan more{9, {{disk, now, now + 2h, share + 0.1}}};
        std::array<int, 2> hit{};
        int both = 0;
        for (std::uint32_t i = 0; i < 4000; ++i) {
            const bool first = plan.strikes(0, i), second = plan.strikes(1, i);
            hit[0] += first ? 1 : 0;
            hit[1] += second ? 1 : 0;
            both += first && second ? 1 : 0;
            CHECK((!first || more.strikes(0, i)));
        }
        CHECK(std::abs(hit[0] / 4000.0 - share) <= 0.03);
        CHECK(std::abs(hit[1] / 4000.0 - share) <= 0.03);
        CHECK(std::abs(both / 4000.0 - share * share) <= 0.03); // each its own
    }
    const incident_plan one{1, {{cpu, now, now + 1h, 0.5}}}, other{2, {{cpu, now, now + 1h, 0.5}}};
    int different = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        different += one.strikes(0, i) != other.strikes(0, i) ? 1 : 0;
    }
    CHECK(different > 400);
}

TEST_CASE("changes are where incidents of that machine begin and end") {
    const incident_plan plan{
        1,
        {{cpu, now, now + 10s},
         {disk, now + 5s, now + 5s},
         {ping, now + 8s, now + 20s},
         {silent, now + 1s, now + 2s, 0}}
    };
    const fate f{&plan, 7};
    std::vector<util::wall_time> changes;
    for (auto t = f.next_change(now - 1h); t != util::wall_time::max(); t = f.next_change(t)) {
        changes.push_back(t);
    }
    CHECK(changes == std::vector{now, now + 8s, now + 10s, now + 20s});
    CHECK(f.at(now - 1ns).empty());
    CHECK((f.at(now).holds(cpu) && !f.at(now).holds(ping)));
    CHECK((f.at(now + 8s).holds(cpu) && f.at(now + 8s).holds(ping)));
    CHECK(!f.at(now + 10s).holds(cpu));
    CHECK(f.at(now + 20s).empty());
    CHECK(fate{}.next_change(now) == util::wall_time::max());
    CHECK(fate{}.at(now).empty());
}

TEST_CASE("outside its incidents, and where none hits it, a machine is as without a plan") {
    const incident_plan plan{
        3,
        {{cpu, now, now + 1min, 0.5},
         {memory, now + 30s, now + 2min, 0.5},
         {disk, now + 1min, now + 3min, 0.5},
         {ping, now, now + 3min, 0.5}}
    };
    int calm = 0, in_trouble = 0;
    for (std::uint32_t index = 0; index < 40; ++index) {
        const machine m{1, index}, with = struck(plan, index);
        for (auto t = now - 30s; t < now + 4min; t += 7s) {
            if (with.fate().at(t).empty()) {
                ++calm;
                CHECK(with.read(t) == m.read(t));
                CHECK(to_metrics(with.sample(t, 3s), "h") == to_metrics(m.sample(t, 3s), "h"));
            } else {
                ++in_trouble;
                CHECK(!(with.read(t) == m.read(t)));
                CHECK(with.read(t).net_rx == m.read(t).net_rx);
            }
        }
    }
    CHECK(calm > 300);
    CHECK(in_trouble > 300);
}

TEST_CASE("each kind shows in its value alone, near the limit, and sample and reading agree") {
    for (const auto kind : {cpu, memory, disk, ping}) {
        const incident_plan plan{1, {{kind, now, now + 1h}}};
        std::set<std::uint32_t> values;
        for (std::uint32_t index = 0; index < 60; ++index) {
            const machine m{1, index}, with = struck(plan, index);
            for (auto t = now; t < now + 1h; t += 4min) {
                const auto before = m.read(t), r = with.read(t);
                const auto raw = with.sample(t, 3s);
                const auto s = to_metrics(raw, "h");
                CAPTURE(static_cast<int>(kind));
                CAPTURE(index);
                CHECK((kind == cpu ? r.cpu >= 9'300 && r.cpu <= 9'900 : r.cpu == before.cpu));
                CHECK(
                    (kind == memory ? r.memory >= 9'500 && r.memory <= 9'850
                                    : r.memory == before.memory)
                );
                CHECK((kind == disk ? r.disk >= 9'600 && r.disk <= 9'900 : r.disk == before.disk));
                CHECK((r.pings == before.pings) == (kind != ping));
                CHECK(r.pinged == before.pinged);
                values.insert(kind == cpu ? r.cpu : kind == memory ? r.memory : r.disk);

                CHECK(hundredths(s.cpu.usage) == r.cpu);
                std::int64_t sum = 0;
                for (const float core : s.cpu.per_core) {
                    CHECK((core <= 100 && (kind != cpu || core >= 85)));
                    sum += hundredths(core);
                }
                CHECK(sum == hundredths(s.cpu.usage) * s.cpu.cores);
                const auto cores = static_cast<double>(s.cpu.cores);
                CHECK((kind != cpu || s.load.one > 0.9 * cores));
                CHECK(s.memory.used + s.memory.available == s.memory.total);
                const auto percent = [](std::uint64_t part, std::uint64_t whole) {
                    return hundredths(
                        100.0 * static_cast<double>(part) / static_cast<double>(whole)
                    );
                };
                CHECK(percent(s.memory.used, s.memory.total) == r.memory);
                CHECK(hundredths(s.memory.usage_percent) == r.memory);
                CHECK(s.memory.swap_used <= s.memory.swap_total);
                CHECK(percent(s.disks.at(0).used, s.disks.at(0).total) == r.disk);
                CHECK(hundredths(s.disks.at(0).usage_percent) == r.disk);
                for (std::size_t i = 1; i < s.disks.size(); ++i) {
                    CHECK(raw.disks.items[i].usage == m.sample(t, 3s).disks.items[i].usage);
                }
                for (const auto& p : s.ping.value().targets) {
                    CHECK((kind != ping || (!p.latency_ms && p.packet_loss == 100)));
                    CHECK((kind != ping || p.status != "ok"));
                }
            }
        }
        CHECK((kind == ping || values.size() > 20));
    }
}

TEST_CASE("a silent machine takes no samples: history has the others, and counters go on") {
    for (const auto interval : {2500ms, 3000ms, 60'000ms}) {
        const schedule s{1, 4, interval};
        // In the part where every sample is taken; across a bucket; in those where few are.
        for (const std::chrono::minutes ago : {50min, 1560min, 8640min, 43200min}) {
            const auto start = now - ago, end = start + 11min + 7s;
            const incident_plan plan{1, {{silent, start, end}, {silent, end - 1min, end}}};
            const machine m{1, 4}, with = struck(plan);
            CHECK(with.is_silent(start));
            CHECK(!with.is_silent(end));
            const auto from = now - ago - 3h;
            const auto expected = walk(m, s, from, now), seen = walk(with, s, from, now);
            const auto missing = s.count(start - 1ns, end - 1ns);
            CAPTURE(interval.count());
            CAPTURE(ago.count());
            // Those of a day or coarser hold all samples there are.
            const auto all = [](const std::vector<agg::bucket>& list) {
                std::int64_t sum = 0;
                for (const auto& b : list) {
                    sum += b.sample_count;
                }
                return sum;
            };
            CHECK(all(expected.buckets[4]) - all(seen.buckets[4]) == missing);
            for (std::size_t g = 0; g < proto::granularity_count; ++g) {
                const auto id = static_cast<proto::granularity>(g);
                const auto width = proto::facts(id).width;
                std::size_t at = 0;
                for (const auto& b : expected.buckets[g]) {
                    const auto begin = util::from_unix_seconds(proto::bucket_start(id, b.index));
                    const auto& list = seen.buckets[g];
                    const bool is_there = at < list.size() && list[at].index == b.index;
                    const auto hidden = common(s, begin, begin + width, start, end);
                    const auto left = b.sample_count - hidden;
                    REQUIRE(is_there == (left > 0));
                    if (hidden == 0) {
                        CHECK(list[at] == b);
                    } else if (is_there) {
                        CHECK(list[at].sample_count == left);
                    }
                    at += is_there ? 1 : 0;
                }
                CHECK(at == seen.buckets[g].size());
            }
            CHECK(with.read(end).net_rx == m.read(end).net_rx);
            CHECK(with.read(start).net_rx == m.read(start).net_rx);
        }
    }
}

TEST_CASE("history has an incident at its times, however long ago it was") {
    const schedule s{1, 4, 3s};
    const traits quiet{.kind = &*std::ranges::find(profiles(), "idle", &profile::name)};
    for (const std::chrono::minutes ago : {30min, 1200min, 10080min, 44640min}) {
        const auto start = now - ago, end = start + 20min;
        const incident_plan plan{1, {{cpu, start, end}}};
        const auto p =
            walk(machine{1, 4, {.traits = &quiet, .incidents = &plan}}, s, start - 2h, now);
        const auto samples = s.count(start - 1ns, end - 1ns);
        std::int64_t high = 0, low = 0;
        // The finest that is kept from then.
        for (const auto& g : proto::granularities) {
            if (now - start > g.retention) {
                continue;
            }
            for (const auto& b : p.buckets[proto::position(g.id)]) {
                const auto begin = util::from_unix_seconds(proto::bucket_start(g.id, b.index));
                const bool touches = common(s, begin, begin + g.width, start, end) > 0;
                CHECK((b.cpu.max() >= 9'300) == touches);
                high += touches ? b.sample_count : 0;
                low += touches ? 0 : b.sample_count;
            }
            break;
        }
        CHECK(high >= samples);
        CHECK(low > 0);
    }
}

TEST_CASE("a walk through incidents gives what looking at each instant gives") {
    const incident_plan plan{
        1,
        {{cpu, now, now + 61s},
         {memory, now + 20s, now + 40s},
         {disk, now + 3s, now + 3h},
         {ping, now + 2min, now + 4min}}
    };
    const auto m = struck(plan);
    reading_track track{m};
    agg::reading r;
    for (auto t = now - 1min; t < now + 5min; t += 1700ms) {
        track.read(t, r);
        CHECK(r == m.read(t));
        CHECK(track.incidents() == m.fate().at(t));
    }
}
