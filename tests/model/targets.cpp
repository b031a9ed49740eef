#include "model/targets.hpp"

#include "model/machine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace vsim;
using namespace vsim::model;
using namespace std::chrono_literals;
using list = std::vector<proto::probe_target>;
using set_ptr = std::shared_ptr<const target_set>;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055) + 123ms;

// "name@host" of every slot, in brackets when it rests.
std::string text_of(const target_set& set) {
    std::string all;
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto one = set.names()[i].name + "@" + set.names()[i].host;
        all += (all.empty() ? "" : " ") + (set.slots()[i].is_active ? one : "[" + one + "]");
        CHECK((set.active() >> i & 1) == (set.slots()[i].is_active ? 1 : 0));
    }
    CHECK((set.active() >> set.size()) == 0);
    return all;
}

agg::reading read(const set_ptr& set, util::wall_time t, std::uint32_t index = 5) {
    return machine{1, index, {.targets = set.get()}}.read(t);
}

} // namespace

TEST_CASE("built-in sets are beginnings of one list, and every host of it is well known") {
    for (std::size_t n = 0; n <= agg::max_targets; ++n) {
        const auto& set = target_set::built_in(n);
        CHECK(set->size() == n);
        CHECK(set == target_set::built_in(n));
        for (std::size_t i = 0; i < n; ++i) {
            CHECK(set->names()[i].name == target_set::built_in(8)->names()[i].name);
            CHECK(set->slots()[i].is_active);
            CHECK(set->slots()[i].host.known == static_cast<std::int32_t>(i));
        }
    }
    CHECK(target_set::built_in(1)->names()[0].host == "1.1.1.1");
    CHECK(machine{1, 1}.targets().size() == 5);
}

TEST_CASE("a target keeps its slot as long as its name is known") {
    const set_ptr none = target_set::built_in(0);
    const struct {
        list wanted;
        std::string_view slots;
    } steps[]{
        {{{"a", "1", "", 0}, {"b", "2", "", 0}}, "a@1 b@2"},
        {{{"c", "3", "", 0}, {"b", "2", "", 0}}, "[a@1] b@2 c@3"},
        {{{"b", "2", "", 0}, {"a", "9", "tcp", 22}}, "a@9 b@2 [c@3]"},
        {{}, "[a@9] [b@2] [c@3]"},
        {{{"d", "2", "", 0}}, "[a@9] [b@2] [c@3] d@2"},
        {{{"c", "3", "", 0}, {"c", "4", "", 0}, {"a", "3", "", 0}, {"d", "", "", 0}},
         "[a@9] [b@2] c@3 [d@2]"},
        {{{"e", "7", "", 0}, {"", "8", "", 0}}, "[a@9] [b@2] [c@3] [d@2] e@7 @8"},
    };
    auto set = none;
    for (const auto& step : steps) {
        set = set->followed_by(step.wanted);
        CHECK(text_of(*set) == step.slots);
        CHECK(set->left_out() == 0);
        CHECK(set->followed_by(step.wanted) == set);
    }
    CHECK(text_of(*none).empty());
}

TEST_CASE("what no slot is left for is counted, and a resting slot stays what it was") {
    list ten;
    for (int i = 0; i < 10; ++i) {
        ten.push_back({"n" + std::to_string(i), "h" + std::to_string(i), "", 0});
    }
    const auto full = target_set::built_in(0)->followed_by(ten);
    CHECK(full->size() == agg::max_targets);
    CHECK(full->left_out() == 2);
    const auto rest = full->followed_by(list{ten[9], ten[3]});
    CHECK(rest->active() == 0b1000);
    CHECK(rest->left_out() == 1);
    CHECK(rest->names()[7].name == "n7");
    CHECK(rest->followed_by(ten)->active() == 0xff);
}

TEST_CASE("only what changes anything makes another set, and those who change alike share it") {
    const list wanted{{"a", "1", "icmp", 0}, {"b", "2", "tcp", 80}};
    const auto set = target_set::built_in(5)->followed_by(wanted);
    CHECK(set->followed_by(wanted) == set);
    // What is skipped, and the order, change nothing.
    const list same{{"b", "2", "tcp", 80}, {"x", "", "", 0}, {"a", "1", "", 0}, {"y", "1", "", 0}};
    CHECK(set->followed_by(same) == set);
    CHECK(target_set::built_in(5)->followed_by(wanted) == set);
    for (const list& other :
         {list{wanted[0]},
          list{wanted[0], {"b", "3", "tcp", 80}},
          list{wanted[0], {"b", "2", "icmp", 80}},
          list{wanted[0], {"b", "2", "tcp", 81}}}) {
        CHECK(set->followed_by(other) != set);
    }
}

TEST_CASE("a target's values depend on its name and host, not on its slot or its neighbours") {
    const proto::probe_target a{"a", "10.0.0.1", "", 0}, b{"b", "10.0.0.2", "", 0};
    const set_ptr none = target_set::built_in(0);
    const auto alone = none->followed_by(list{b});
    const auto both = none->followed_by(list{a, b});
    const auto resting = both->followed_by(list{b});
    const auto back = resting->followed_by(list{a, b});
    for (int n = 0; n < 500; ++n) {
        const auto t = now + n * 61s;
        const auto at_0 = read(alone, t), at_1 = read(both, t), rests = read(resting, t);
        CHECK(at_0.pings[0] == at_1.pings[1]);
        CHECK(rests.pings[1] == at_1.pings[1]);
        CHECK(rests.pings[0] == agg::ping_reading{});
        CHECK((rests.target_count == 2 && rests.pinged == 0b10));
        CHECK(read(back, t) == at_1);
        CHECK(at_0.cpu == at_1.cpu);
    }
}

TEST_CASE("any host is a distance away that depends on where the machine stands") {
    std::set<int> distances;
    for (const auto& place : locations()) {
        for (int i = 0; i < 40; ++i) {
            const auto key = host_key::of("host-" + std::to_string(i));
            const auto ms = distance_ms(key, place);
            CHECK(key.known == -1);
            CHECK((ms >= 5 + place.access_ms && ms <= 180 + place.access_ms));
            CHECK(distance_ms(key, place) == ms);
            distances.insert(static_cast<int>(10 * ms));
        }
        CHECK(distance_ms(host_key::of("1.1.1.1"), place) < 3 + place.access_ms);
    }
    CHECK(distances.size() > 400);
}

TEST_CASE("a sample pings the active targets as they are configured, and without any has no ping") {
    const auto set = target_set::built_in(2)->followed_by(list{
        {"web", "example.net", "tcp", 443}, {"Google DNS", "8.8.8.8", "odd", 7}, {"q\"", "x", "", 0}
    });
    for (int n = 0; n < 4000; ++n) {
        const auto s = machine{1, 3, {.targets = set.get()}}.sample(now + n * 61s, 3s);
        REQUIRE(s.pings.count == 3);
        for (const auto& p : s.pings) {
            const bool is_tcp = p.slot == 2;
            CHECK((p.packet_loss == 10'000) == !p.reading.answered);
            CHECK((p.packet_loss % 10'000 == 0 || !is_tcp));
        }
        CHECK(s.pings.items[0].slot == 1);
    }
    const auto rest = set->followed_by(list{});
    const auto s = machine{1, 3, {.targets = rest.get()}}.sample(now, 3s);
    CHECK(s.pings.count == 0);
}
