#include "server/history_cache.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t now_unix = 1795492055; // 2026-11-24T03:47:35Z

server::history_query
ask(std::string range = "1h", std::string type = "all", std::int64_t since = 0) {
    return {"one", std::move(range), std::move(type), since};
}

std::string at(std::int64_t ago) {
    return util::format_rfc3339(util::from_unix_seconds(now_unix - ago));
}

// One point and one ping of "CF" at each of these ages.
proto::history_reply reply(const std::vector<std::int64_t>& ages, std::int64_t last_bucket = 1) {
    proto::history_reply r;
    r.server_id = "one";
    r.range = "1h";
    r.last_bucket = last_bucket;
    for (const auto ago : ages) {
        if (!r.data) {
            r.data.emplace();
            r.ping_targets.push_back({"CF", "1.1.1.1", {}});
        }
        proto::history_point p;
        p.timestamp = at(ago);
        r.data->push_back(p);
        r.ping_targets.front().data.push_back({at(ago), 5.0, "ok"});
    }
    return r;
}

class fixture {
public:
    void note(const server::history_query& q, const proto::history_reply& r, util::seconds when) {
        cache_.note(q, r, start_ + when, now_unix);
    }
    std::optional<proto::history_reply>
    find(util::seconds when, const server::history_query& q = ask()) {
        return cache_.find(q, start_ + when);
    }
    // The ages of the points held, or none.
    std::vector<std::string> held(util::seconds when) {
        std::vector<std::string> times;
        if (const auto found = find(when)) {
            for (const auto& p : found->data.value_or(std::vector<proto::history_point>{})) {
                times.push_back(p.timestamp);
            }
        }
        return times;
    }

private:
    server::history_cache cache_;
    util::steady_time start_ = std::chrono::steady_clock::now();
};

using times = std::vector<std::string>;

} // namespace

TEST_CASE("a full reply is given again for ten seconds, old last_bucket included") {
    fixture f;
    CHECK(!f.find(0s));
    f.note(ask(), reply({10, 5}, 77), 0s);
    for (const auto when : {0s, 10s}) {
        const auto found = f.find(when);
        REQUIRE(found.has_value());
        CHECK(*found == reply({10, 5}, 77));
    }
    CHECK(!f.find(11s));
    f.note(ask(), reply({5}, 78), 11s);
    CHECK(f.find(12s) == reply({5}, 78));
}

TEST_CASE("only type=all of the short ranges is cached, each range and server on its own") {
    const std::pair<server::history_query, bool> cases[] = {
        {ask("1h"), true},
        {ask("24h"), true},
        {ask(""), true},
        {ask("7d"), false},
        {ask("nonsense"), false},
        {ask("1h", "metrics"), false},
        {ask("1h", "ping"), false},
    };
    for (const auto& [query, is_cached] : cases) {
        CAPTURE(query.range);
        CAPTURE(query.type);
        fixture f;
        f.note(query, reply({5}), 0s);
        CHECK(f.find(0s, query).has_value() == is_cached);
        auto other = query;
        other.server_id = "two";
        CHECK(!f.find(0s, other));
        CHECK(!f.find(0s, ask(query.range == "1h" ? "24h" : "1h")));
    }
    fixture f;
    f.note(ask(), reply({5}), 0s);
    CHECK(!f.find(0s, ask("1h", "all", 3)));
}

TEST_CASE("a since appends what it read without looking, and makes the entry young again") {
    fixture f;
    f.note(ask(), reply({10, 5}), 0s);
    f.note(ask("1h", "all", 3), reply({5}, 9), 8s);
    CHECK(f.held(8s) == times{at(10), at(5), at(5)});
    CHECK(f.find(18s)->last_bucket == 9);
    CHECK(!f.find(18s)->incremental);
    CHECK(f.find(18s)->ping_targets.size() == 1);
    CHECK(f.find(18s)->ping_targets.at(0).data.size() == 3);
    f.note(ask("1h", "all", 3), reply({5}), 18s);
    CHECK(f.held(28s) == times{at(10), at(5), at(5), at(5)});
    f.note(ask(), reply({10, 5}), 40s);
    CHECK(f.held(40s) == times{at(10), at(5)});
}

TEST_CASE("a since appends to an entry that is too old to be given, too") {
    fixture f;
    f.note(ask(), reply({10}), 0s);
    f.note(ask("1h", "all", 3), reply({5}), 15s);
    CHECK(f.held(15s) == times{at(10), at(5)});
}

TEST_CASE("a since on an empty cache fills it with the little it read") {
    fixture f;
    f.note(ask("1h", "all", 3), reply({5}), 0s);
    CHECK(f.held(1s) == times{at(5)});
}

TEST_CASE("what has left the range goes when something is appended") {
    fixture f;
    f.note(ask(), reply({3605, 3600, 10}), 0s);
    f.note(ask("1h", "all", 3), reply({5}), 1s);
    CHECK(f.held(1s) == times{at(3600), at(10), at(5)});
    fixture all_old;
    all_old.note(ask(), reply({4000}), 0s);
    all_old.note(ask("1h", "all", 3), reply({}), 1s);
    CHECK(!all_old.find(1s)->data.has_value());
    CHECK(all_old.find(1s)->ping_targets.empty());
}

TEST_CASE("what is appended again and again has an end, and the newest stay") {
    fixture f;
    const auto many = reply(std::vector<std::int64_t>(server::cached_points / 2, 10));
    for (int i = 0; i < 3; ++i) {
        f.note(ask("1h", "all", 3), many, 0s);
    }
    f.note(ask("1h", "all", 3), reply({5}), 0s);
    const auto held = f.find(0s);
    REQUIRE(held.has_value());
    CHECK(held->data->size() == server::cached_points);
    CHECK(held->data->back().timestamp == at(5));
    CHECK(held->ping_targets.at(0).data.size() == server::cached_points);
    CHECK(held->ping_targets.at(0).data.back().timestamp == at(5));
}

TEST_CASE("a target that is new joins those that are there") {
    fixture f;
    f.note(ask(), reply({10}), 0s);
    auto other = reply({5});
    other.ping_targets.front().name = "Web";
    f.note(ask("1h", "all", 3), other, 1s);
    const auto found = f.find(1s);
    REQUIRE(found->ping_targets.size() == 2);
    CHECK(found->ping_targets[1].name == "Web");
}
