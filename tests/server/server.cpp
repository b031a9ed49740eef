#include "server/server.hpp"

#include "fixture.hpp"
#include "proto/decode.hpp"

#include <filesystem>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

net::task<proto::register_reply> enrol(test::running& s) {
    const auto made = co_await s.http("POST", "/api/agent/register", R"({"name":"one"})");
    CHECK(made.status == 200);
    co_return proto::decode<proto::register_reply>(made.body).value();
}

std::string auth_of(const proto::register_reply& r) {
    return R"({"type":"auth","server_id":")" + r.id + R"(","token":")" + r.token + R"("})";
}

} // namespace

TEST_CASE("what an agent reports is in the history and survives a restart") {
    const auto path = (std::filesystem::temp_directory_path() / "vsim-test-restart.db").string();
    std::filesystem::remove(path);
    server::options o;
    o.db_path = path;
    proto::register_reply who;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto bucket =
        proto::bucket_index(proto::granularity::min15, now.time_since_epoch().count());
    const std::string history = "/api/history/";
    {
        test::running s{o};
        test::run_coro([&]() -> net::task<> {
            who = co_await enrol(s);
            auto link = co_await s.connect("/ws/agent");
            const auto welcome = co_await link.ask(auth_of(who));
            CHECK(welcome == R"({"status":"ok","type":"auth"})");
            co_await link.send(
                R"({"type":"aggregated_metrics","granularities":[{"granularity":"15min","metrics":[)"
                R"({"bucket":)" +
                std::to_string(bucket) + R"(,"cpu_sum":50,"sample_count":4}]}]})"
            );
            co_await link.fence();
            co_await s->flush();
            const auto got = co_await s.http("GET", history + who.id + "?range=7d&type=metrics");
            const auto read = proto::decode<proto::history_reply>(got.body).value();
            REQUIRE(read.data.has_value());
            REQUIRE(read.data->size() == 1);
            CHECK(read.data->front().cpu == 12.5F);
        });
    }
    {
        test::running s{o};
        test::run_coro([&]() -> net::task<> {
            auto link = co_await s.connect("/ws/agent");
            const auto welcome = co_await link.ask(auth_of(who));
            CHECK(
                welcome == R"({"last_buckets":{"15min":)" + std::to_string(bucket) +
                               R"(},"status":"ok","type":"auth"})"
            );
        });
    }
    std::filesystem::remove(path);
}
