#include "server/restore.hpp"

#include "agent_helpers.hpp"
#include "fake_peer.hpp"
#include "server/agents.hpp"
#include "table.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace vsim;
using test::run_coro;

namespace {

// What restoring says of a database in which a setting has this value; "" = nothing.
std::string complaint(const std::string& name, std::string value) {
    const test::db_file file;
    auto w = server::writer::open(file.path()).value();
    const std::vector<server::job> jobs{server::save_setting_job{name, std::move(value)}};
    REQUIRE(w.apply(jobs).has_value());
    server::registry servers;
    server::settings set;
    const auto done = server::restore(w.db(), servers, set);
    return done ? "" : done.error().message;
}

} // namespace

TEST_CASE("a batch lost on a full disk is not acknowledged, nor is its time claimed as stored") {
    test::db_file file;
    server::registry servers;
    server::settings set;
    server::counters counts;
    server::traffic used{servers};
    auto w = server::writer::open(file.path()).value();
    REQUIRE(w.db().execute("PRAGMA max_page_count=40").has_value());
    server::store_hooks hooks;
    hooks.on_lost = [&](server::database& db, std::span<const server::job> lost) {
        correct_reach(db, servers, lost);
    };
    server::store rows{std::move(w), server::store_limits{}, hooks};
    run_coro([&]() -> net::task<> {
        const auto here = co_await net::asio::this_coro::executor;
        server::agents all{here, servers, set, used, rows, counts};
        std::vector<proto::server_fields> wanted(1);
        const auto entry = servers.add(std::move(wanted)).front();
        const auto batch = [](std::int64_t ago, std::string target) {
            return R"({"type":"batch_metrics","batch_id":"b","metrics_batch":[{"timestamp":")" +
                   test::now_text(ago) + R"(","metrics":{"ping":{"targets":[{"name":")" + target +
                   R"("}]}}}]})";
        };
        auto peer = std::make_shared<test::fake_peer>(here);
        peer->script.push_back(test::auth_of({*entry->id, entry->token}));
        peer->script.push_back(batch(300, "fits"));
        peer->script.push_back(batch(0, std::string(200'000, 'x')));
        co_await all.serve(peer); // ends by itself
        co_await all.drain();
        CHECK(peer->is_aborted);
        REQUIRE(peer->sent.size() == 2);
        CHECK(peer->sent.back().find("batch_ack") != std::string::npos);
        auto db = file.read();
        const auto reach = entry->stored_reach();
        CHECK(test::row(db, "SELECT count(*) FROM metrics_raw") == "1");
        CHECK(
            test::row(db, "SELECT bucket FROM metrics_5sec") ==
            std::to_string(reach.buckets[proto::position(proto::granularity::sec5)])
        );
        CHECK(reach.raw_second <= util::unix_seconds(std::chrono::system_clock::now()) - 300);
        CHECK(reach.raw_second > 0);
        co_await rows.close();
    });
}

TEST_CASE("a stored setting that cannot be read is an error, not its default") {
    for (const std::string name :
         {"probe", "site", "geoip", "groups", "dimensions", "traffic_limits"}) {
        CAPTURE(name);
        const auto said = complaint(name, "{\"x\":");
        CHECK(said.starts_with("database: config_settings: " + name + ": "));
        CHECK(complaint("other", "{\"x\":") == "");
    }
    CHECK(complaint("groups", "[]") == "");
    CHECK(complaint("groups", "{}") != "");
}
