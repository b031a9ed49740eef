#include "server/registry.hpp"

#include "server/accounts.hpp"
#include "server/instant.hpp"
#include "server/secret.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

TEST_CASE("servers are found, listed in the order of creation and removed") {
    server::registry r;
    CHECK(r.all()->empty());
    std::vector<proto::server_fields> wanted(3);
    wanted[0].name = "c";
    wanted[1].name = "a";
    wanted[2].name = "b";
    const auto added = r.add(std::move(wanted));
    REQUIRE(added.size() == 3);
    const auto before = r.all();
    CHECK(*before == added);
    CHECK(r.find(*added[1]->id) == added[1]);
    CHECK(r.find("none") == nullptr);
    CHECK(r.remove(*added[1]->id));
    CHECK(!r.remove(*added[1]->id));
    CHECK(r.find(*added[1]->id) == nullptr);
    CHECK(*r.all() == server::entry_list{added[0], added[2]});
    CHECK(before->size() == 3); // a snapshot
    CHECK(r.size() == 2);
    proto::server_object object;
    object.id = "restored";
    CHECK(r.restore(object, 10)->position == 10);
    CHECK(r.add(std::vector<proto::server_fields>(1)).front()->position == 11);
}

TEST_CASE("what an agent says of itself is saved once, when it is new") {
    server::server_entry e{proto::server_object{}, 0};
    CHECK(!e.take_unsaved());
    e.note_version("");
    e.note_ip("");
    CHECK(!e.take_unsaved());
    e.note_version("v1");
    e.note_ip("sim");
    const auto saved = e.take_unsaved();
    REQUIRE(saved.has_value());
    CHECK(saved->object.find(R"("version":"v1","ip":"sim")") != std::string::npos);
    e.note_version("v1");
    e.note_ip("sim");
    CHECK(!e.take_unsaved());
}

TEST_CASE("a server is online for 30 s, and dashboards remember what they were told") {
    server::server_entry e{proto::server_object{}, 0};
    const util::steady_time start{1h};
    CHECK(!e.live(start).online);
    const auto first = std::make_shared<const proto::system_metrics>();
    e.set_live(first, start);
    CHECK(e.told(start).online); // nothing was told yet: as it is
    CHECK(e.tell(start + 29s).online);
    const auto second = std::make_shared<const proto::system_metrics>();
    e.set_live(second, start + 40s);
    CHECK(e.told(start + 40s).metrics == first);
    CHECK(e.live(start + 40s).metrics == second);
    CHECK(!e.live(start + 70s).online);
    CHECK(e.live(start + 70s).metrics == second);
    CHECK(!e.tell(start + 70s).online);
    CHECK(!e.told(start + 41s).online);
}

TEST_CASE("the reach of a history only grows") {
    server::server_entry e{proto::server_object{}, 0};
    for (const std::int64_t bucket : {5, 3, 7, -9}) {
        e.extend(proto::granularity::min2, bucket);
        e.extend_raw(bucket * 2);
    }
    const auto r = e.stored_reach();
    CHECK(r.buckets[proto::position(proto::granularity::min2)] == 7);
    CHECK(r.buckets[proto::position(proto::granularity::sec5)] == 0);
    CHECK(r.raw_second == 14);
}

TEST_CASE("the password opens, the token it gives expires, one's own does not") {
    server::accounts a{"own", "password"};
    const util::wall_time now{1'795'492'055s};
    CHECK(!a.log_in("", now));
    CHECK(!a.log_in("Password", now));
    CHECK(!a.log_in("password ", now));
    const auto first = a.log_in("password", now);
    REQUIRE(first.has_value());
    CHECK(first->expires == now + 7 * 24h);
    const auto second = a.log_in("password", now + 1h);
    CHECK(a.is_valid(first->token, now + 7 * 24h - 1s));
    CHECK(!a.is_valid(first->token, now + 7 * 24h));
    CHECK(a.is_valid(second->token, now + 7 * 24h));
    CHECK(a.is_valid("own", now + 9000h));
    CHECK(!a.is_valid("", now));
    CHECK(!a.is_valid("password", now));
    const server::accounts made_up{"", ""};
    CHECK(made_up.password().size() == 16);
    CHECK(made_up.own_token().size() == 64);
    CHECK(!made_up.is_valid("", now));
}

TEST_CASE("secrets compare in full") {
    for (const auto& [a, b, same] :
         {std::tuple{"", "", true},
          {"a", "a", true},
          {"a", "b", false},
          {"a", "", false},
          {"", "a", false},
          {"aa", "a", false},
          {"a", "aa", false},
          {"abc", "abd", false}}) {
        CAPTURE(a);
        CAPTURE(b);
        CHECK(server::same_secret(a, b) == same);
    }
}

TEST_CASE("ids are version 4 UUIDs, and no two are alike") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto id = server::random_uuid();
        REQUIRE(id.size() == 36);
        for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
            CHECK(id[dash] == '-');
        }
        CHECK(id[14] == '4');
        CHECK(std::string{"89ab"}.find(id[19]) != std::string::npos);
        CHECK(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
        seen.insert(id);
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("instants have text over all years with four digits") {
    using server::instant_text;
    CHECK(instant_text(0) == "1970-01-01T00:00:00Z");
    CHECK(instant_text(1795492055) == "2026-11-24T03:47:35Z");
    CHECK(instant_text(1795492055, 8h) == "2026-11-24T11:47:35+08:00");
    CHECK(instant_text(1795492055, -(3h + 30min)) == "2026-11-24T00:17:35-03:30");
    CHECK(instant_text(-62135596800) == "0001-01-01T00:00:00Z");
    CHECK(instant_text(-62167219200) == "0000-01-01T00:00:00Z");
    CHECK(instant_text(-62167219201) == "");
    CHECK(instant_text(253402300799) == "9999-12-31T23:59:59Z");
    CHECK(instant_text(253402300800) == "");
}

TEST_CASE("buckets have the text of their start, or none beyond the calendar") {
    using proto::granularity;
    using server::bucket_text;
    CHECK(bucket_text(granularity::sec5, 359098411) == "2026-11-24T03:47:35Z");
    CHECK(bucket_text(granularity::daily, 20781) == "2026-11-24T00:00:00Z");
    CHECK(bucket_text(granularity::sec5, -12427119360) == "0001-01-01T00:00:00Z");
    for (const auto& g : proto::granularities) {
        const auto end = 253402300800 / g.width.count();
        CHECK(bucket_text(g.id, end - 1).starts_with("9999-12-31T"));
        CHECK(bucket_text(g.id, end) == "");
        CHECK(bucket_text(g.id, INT64_MAX) == "");
        CHECK(bucket_text(g.id, INT64_MAX / g.width.count() + 2) == "");
        CHECK(bucket_text(g.id, INT64_MIN) == "");
    }
}
