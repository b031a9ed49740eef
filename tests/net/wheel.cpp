#include "net/wheel.hpp"

#include "util/random.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace vsim;
using net::wheel;
using net::wheel_entry;
using net::wheel_list;

namespace {

std::vector<wheel_entry*> take(wheel_list& l) {
    std::vector<wheel_entry*> all;
    while (auto* e = l.pop_front()) {
        all.push_back(e);
    }
    return all;
}

std::vector<wheel_entry*> advance(wheel& w, std::uint64_t now) {
    wheel_list due;
    w.advance(now, due);
    return take(due);
}

} // namespace

TEST_CASE("entries are served in order of tick, then of arrival") {
    wheel w;
    wheel_entry late;
    wheel_entry first;
    wheel_entry second;
    w.add(late, 9);
    w.add(first, 5);
    w.add(second, 5);
    CHECK(w.next_tick() == 5);
    CHECK(advance(w, 4).empty());
    CHECK(advance(w, 9) == std::vector{&first, &second, &late});
    CHECK(w.size() == 0);
    CHECK_FALSE(w.next_tick());
}

TEST_CASE("an entry turns away waits in its slot until its own turn") {
    wheel w;
    wheel_entry e;
    const std::uint64_t due = 3 * wheel::slot_count + 7;
    w.add(e, due);
    CHECK(w.next_tick() == 7); // early: a turn is looked at, nobody is served
    CHECK(advance(w, 7).empty());
    CHECK(w.next_tick() == wheel::slot_count + 7);
    CHECK(advance(w, due - 1).empty());
    CHECK(w.next_tick() == due);
    CHECK(advance(w, due).size() == 1);
}

TEST_CASE("what is due already is served at the next tick, not a turn later") {
    wheel w;
    advance(w, 100);
    wheel_entry e;
    w.add(e, 3);
    CHECK(w.next_tick() == 101);
    CHECK(advance(w, 101).size() == 1);
}

TEST_CASE("a removed entry is never served") {
    wheel w;
    wheel_entry a;
    wheel_entry b;
    w.add(a, 64);
    w.add(b, 64);
    w.remove(a);
    CHECK_FALSE(a.is_waiting);
    CHECK(advance(w, 64) == std::vector{&b});
    CHECK_FALSE(b.is_waiting);
}

TEST_CASE("the wheel agrees with a sorted map over random sleeps, pauses and removals") {
    wheel w;
    std::vector<wheel_entry> entries(2000);
    std::multimap<std::uint64_t, wheel_entry*> oracle;
    std::uint64_t now = 0;
    std::uint64_t draw = 0;
    const auto random = [&](std::uint64_t n) { return util::below(util::hash(1, 2, draw++), n); };
    std::size_t used = 0;
    while (used < entries.size() || !oracle.empty()) {
        for (auto n = random(20); n > 0 && used < entries.size(); --n, ++used) {
            const auto due = now + 1 + random(3 * wheel::slot_count);
            w.add(entries[used], due);
            oracle.emplace(due, &entries[used]);
        }
        if (!oracle.empty() && random(3) == 0) {
            w.remove(*oracle.begin()->second);
            oracle.erase(oracle.begin());
        }
        REQUIRE(w.size() == oracle.size());
        if (!oracle.empty()) {
            REQUIRE(w.next_tick().value() <= oracle.begin()->first);
            REQUIRE(w.next_tick().value() > now);
        }
        now += random(100) == 0 ? 5000 : random(50);
        std::vector<wheel_entry*> expected;
        while (!oracle.empty() && oracle.begin()->first <= now) {
            expected.push_back(oracle.begin()->second);
            oracle.erase(oracle.begin());
        }
        auto got = advance(w, now);
        REQUIRE(got.size() == expected.size());
        for (auto* e : got) {
            REQUIRE(e->due_tick <= now);
        }
    }
}
