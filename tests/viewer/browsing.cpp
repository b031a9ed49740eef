#include "viewer/browsing.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using kind = viewer::wish::kind;

namespace {

std::vector<viewer::wish> wishes(viewer::browsing b, util::nanoseconds until) {
    std::vector<viewer::wish> all;
    for (auto w = b.next(); w.at < until; w = b.next()) {
        all.push_back(w);
    }
    return all;
}

} // namespace

TEST_CASE("wishes come in time order: the version once, who is online every 30 s") {
    for (std::uint32_t reader = 0; reader < 50; ++reader) {
        const auto all = wishes({1, reader, 100}, 1h);
        std::map<kind, int> count;
        util::nanoseconds last{0}, online{-1};
        for (const auto& w : all) {
            CHECK(w.at >= last);
            last = w.at;
            ++count[w.what];
            if (w.what == kind::online_users) {
                CHECK((online.count() < 0 || w.at == online + 30s));
                online = w.at;
            }
        }
        CHECK(all.front().at < 5s);
        CHECK(count[kind::version] == 1);
        CHECK(count[kind::online_users] == 120);
        CHECK(count[kind::history] > 40);
    }
}

TEST_CASE("a page loads the last day's pings first, then one tab as often as that is refreshed") {
    std::set<std::string> seen;
    std::set<std::size_t> agents;
    for (std::uint32_t reader = 0; reader < 40; ++reader) {
        const viewer::wish* first = nullptr;
        const viewer::wish* last = nullptr;
        const auto all = wishes({1, reader, 100'000}, 30min);
        for (const auto& w : all) {
            if (w.what != kind::history) {
                continue;
            }
            CHECK(w.agent < 100'000);
            agents.insert(w.agent);
            const bool is_refresh = last != nullptr && last != first && w.agent == last->agent &&
                                    w.query == last->query && w.at - last->at >= 30s;
            if (is_refresh) {
                const bool is_hour = w.query.starts_with("range=1h");
                const bool is_day = w.query.starts_with("range=24h");
                const auto every = is_hour ? 30s : is_day ? 120s : 300s;
                CHECK(w.at - last->at == every);
            } else if (first == nullptr || last != first) { // a page
                CHECK(w.query == "range=24h&type=ping");
                first = &w;
            } else {
                CHECK(w.agent == first->agent);
                CHECK(w.at > first->at);
                CHECK(w.at <= first->at + 5s);
                seen.insert(w.query);
            }
            last = &w;
        }
    }
    CHECK(seen.size() == 7);
    CHECK(agents.size() > 200);
    CHECK(!seen.contains("range=7d&type=ping"));
}

TEST_CASE("what is read depends on seed and reader alone") {
    const auto same = [](const auto& a, const auto& b) {
        return a.size() == b.size() && a[3].at == b[3].at && a.back().agent == b.back().agent;
    };
    CHECK(same(wishes({1, 4, 100}, 10min), wishes({1, 4, 100}, 10min)));
    CHECK(!same(wishes({1, 4, 100}, 10min), wishes({1, 5, 100}, 10min)));
    CHECK(!same(wishes({1, 4, 100}, 10min), wishes({2, 4, 100}, 10min)));
}
