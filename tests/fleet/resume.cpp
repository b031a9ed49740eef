// An agent that comes back: what it took while it was away, and what may have been lost on the way.

#include "fleet/fleet.hpp"
#include "fleet/stage.hpp"

#include <algorithm>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using stats::counter;

TEST_CASE("a server that was away has every bucket of the gap in the end, equal to the model") {
    test::fleet_stage s{60};
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(3s);
        co_await s.close();
        const auto gone = std::chrono::steady_clock::now();
        const auto all_gone = [&] { return f.figures().online == 0; };
        co_await s.until(all_gone, 5s);
        s.reopen();
        const auto all_back = [&] { return f.figures().online == 60; };
        co_await s.until(all_back, 20s);
        // 5 s and up to half of that (agent/lifecycle.hpp), and a machine that is busy.
        CHECK(std::chrono::steady_clock::now() - gone < 11s);
        co_await s.wait(1s);
        co_await s.end(f);
        CHECK(s.counts.total(counter::agents_disconnected) == 60);
        CHECK(s.counts.total(counter::reconnects) == 60);
        CHECK(s.counts.total(counter::metrics_missed) >= 60 * 8);
        CHECK(f.figures().goodbyes == 60);
        test::check_stored(s, f);
    });
}

TEST_CASE("histories, life and a server that came back empty leave what one long life would") {
    test::fleet_stage s{6};
    s.around.history = 1h;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        co_await s.wait(2s);
        co_await s.close();
        auto db = server::database::open_for_writing(s.database()).value();
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            for (const auto table : {server::metrics_tables[g], server::ping_tables[g]}) {
                CHECK(db.execute("DELETE FROM " + std::string{table}).has_value());
            }
        }
        CHECK(db.execute("DELETE FROM metrics_raw").has_value());
        s.reopen();
        const auto all_back = [&] { return f.figures().online == 6; };
        co_await s.until(all_back, 20s);
        co_await s.end(f);
        test::check_stored(s, f);
    });
}

TEST_CASE("an agent of another run goes on where the server stopped, and makes nothing smaller") {
    test::fleet_stage s{4};
    s.run([&]() -> net::task<> {
        s.around.history = 30min;
        {
            fleet::fleet earlier{s.pool, s.around, s.who};
            co_await earlier.send_history();
            co_await s.server().flush();
        }
        const auto before = test::stored_rows(s.database());
        co_await s.wait(3s); // nobody reports
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.ramp(0);
        co_await s.wait(1s);
        co_await s.end(f);
        const auto found = test::stored_rows(s.database());
        for (const auto& [key, values] : before) {
            REQUIRE(found.contains(key));
            CHECK(found.at(key).front() >= values.front()); // samples, or answered pings
        }
        // And what it sends is the truth of the whole day, as far as the server asked for it.
        test::rows expected;
        for (const auto& a : f.agents()) {
            test::add_expected(expected, a);
        }
        const auto since = util::unix_seconds(s.around.clock.wall);
        std::size_t compared = 0;
        for (const auto& [key, values] : expected) {
            const auto g = static_cast<proto::granularity>(std::get<1>(key));
            if ((std::get<3>(key) + 1) * proto::width_seconds(g) > since) {
                REQUIRE(found.contains(key));
                CHECK(found.at(key).front() == values.front());
                ++compared;
            }
        }
        CHECK(compared >= 4 * (5 + 1) * 5);
    });
}

TEST_CASE("in full, every sync sends all that is kept") {
    test::fleet_stage s{3};
    s.around.history = 20min;
    s.around.scope = agent::sync_scope::full;
    s.run([&]() -> net::task<> {
        fleet::fleet f{s.pool, s.around, s.who};
        co_await f.send_history();
        co_await f.ramp(0);
        co_await s.wait(5s);
        co_await s.end(f);
        const auto syncs = s.counts.total(counter::aggregated_sent);
        CHECK(syncs >= 6);
        CHECK(s.counts.total(counter::aggregated_buckets) / syncs >= 20 * 12 / 2);
        test::check_stored(s, f);
    });
}
