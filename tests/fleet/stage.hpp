#pragma once
// A small fleet and a reference server that can go away and come back, on a database that can be
// compared with what the agents have lived through.

#include "agg/fold.hpp"
#include "fleet/fleet.hpp"
#include "net/http.hpp"
#include "proto/decode.hpp"
#include "server/server.hpp"
#include "server/sqlite.hpp"
#include "server/tables.hpp"
#include "support/run_coro.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdlib.h>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace vsim::test {

using namespace std::chrono_literals;

class temporary_folder {
public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "fleet-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

class fleet_stage {
public:
    explicit fleet_stage(std::size_t size, unsigned threads = 2) : pool{threads, 1} {
        around.interval = 500ms;
        around.agg_interval = 2s;
        around.clock = util::clock_anchor::now();
        around.kinds = &kinds;
        around.counts = &counts;
        around.pace = &pace;
        around.after = &after;
        open("127.0.0.1:0");
        address_ = server_->address();
        around.server.url = util::parse_url(server_->url()).value();
        run([this, size]() -> net::task<> { co_await enrol(size); });
    }
    ~fleet_stage() {
        pace.stop();
        after.stop();
        if (server_) {
            run([this]() -> net::task<> { co_await close(); });
        }
    }
    fleet_stage(const fleet_stage&) = delete;
    fleet_stage& operator=(const fleet_stage&) = delete;

    static void run(std::function<net::task<>()> body) { run_coro(std::move(body), 90s); }

    net::task<> wait(util::nanoseconds d) {
        const auto until = std::chrono::steady_clock::now() + d;
        co_await after.sleep_until(until);
    }
    net::task<> until(std::function<bool()> holds, util::nanoseconds at_most) {
        const auto deadline = std::chrono::steady_clock::now() + at_most;
        while (!holds() && std::chrono::steady_clock::now() < deadline) {
            co_await wait(10ms);
        }
        CHECK(holds());
    }

    // The server goes, with what it has, and comes back to the same place.
    net::task<> close() {
        co_await server_->stop();
        server_.reset();
    }
    void reopen() { open(address_); }
    server::server& server() { return *server_; }

    net::task<std::string>
    http(std::string method, std::string target, std::string body = std::string()) {
        const auto where = co_await net::asio::this_coro::executor;
        net::http_client client{where, around.server};
        net::http_request r;
        r.method = std::move(method);
        r.target = std::move(target);
        r.body = std::move(body);
        r.headers.emplace_back("Authorization", "Bearer " + server_->admin_token());
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        auto got = co_await client.send(std::move(r), deadline);
        REQUIRE(got.has_value());
        CHECK(got->status == 200);
        co_return got->body;
    }

    // The fleet's goodbye.
    net::task<> end(fleet::fleet& f) {
        stopped = around.clock.to_wall(std::chrono::steady_clock::now());
        pace.stop();
        co_await f.drain();
        co_await server_->flush();
    }

    std::string database() const { return folder_.file("server.db"); }

    net::pool pool;
    stats::recorder counts{2};
    agent::mix kinds;
    net::ticker pace{pool}, after{pool};
    agent::surroundings around;
    std::vector<agent::identity> who;
    util::wall_time stopped{};

private:
    void open(const std::string& listen) {
        server::options o;
        o.listen = listen;
        o.db_path = database();
        auto started = server::server::start(server_pool_, std::move(o));
        REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().message));
        server_ = std::move(*started);
    }

    net::task<> enrol(std::size_t size) {
        for (std::uint32_t i = 0; i < size; ++i) {
            const auto name = "agent-" + std::to_string(i);
            const auto made =
                co_await http("POST", "/api/agent/register", R"({"name":")" + name + R"("})");
            const auto reply = proto::decode<proto::register_reply>(made).value();
            who.push_back({i, name, reply.id, reply.token});
        }
    }

    temporary_folder folder_;
    net::pool server_pool_{2, 1};
    std::unique_ptr<server::server> server_;
    std::string address_;
};

// Key of a row: server, granularity, target ("" for the metrics), bucket.
using row_key = std::tuple<std::string, std::size_t, std::string, std::int64_t>;
using row_values = std::vector<double>;
using rows = std::map<row_key, row_values>;

// What the tables hold.
inline rows stored_rows(const std::string& path) {
    rows all;
    auto db = server::database::open_read_only(path).value();
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        auto metrics =
            db.prepare(
                  "SELECT server_id, bucket, sample_count, cpu_sum, memory_sum, disk_sum, "
                  "net_rx, net_tx, ping_sum, ping_count, cpu_max, memory_max FROM " +
                  std::string{server::metrics_tables[g]}
            )
                .value();
        while (metrics.next()) {
            auto& row = all[{std::string{metrics.text(0)}, g, "", metrics.integer(1)}];
            for (int i = 2; i < 12; ++i) {
                row.push_back(metrics.real(i));
            }
        }
        auto ping = db.prepare(
                          "SELECT server_id, bucket, target_name, latency_count, ok_count, "
                          "fail_count, latency_sum, latency_max FROM " +
                          std::string{server::ping_tables[g]}
        )
                        .value();
        while (ping.next()) {
            auto& row =
                all[{std::string{ping.text(0)}, g, std::string{ping.text(2)}, ping.integer(1)}];
            for (int i = 3; i < 8; ++i) {
                row.push_back(ping.real(i));
            }
        }
    }
    return all;
}

// What an agent has lived through, as rows.
inline void add_expected(rows& to, const agent::agent& a) {
    const auto account = a.account_of();
    model::first_buckets everything{};
    const agent::sync_point start{{}, account.lived.origin};
    agent::walk walk{account.who, account.lived, start, account.until, everything};
    agg::piece piece;
    while (walk.next(piece, 500)) {
        for (std::size_t g = 0; g < proto::granularity_count; ++g) {
            for (const auto& b : piece.buckets[g]) {
                const auto m = agg::to_wire(b);
                to[{a.who().id, g, "", m.bucket}] = {
                    static_cast<double>(m.sample_count),
                    m.cpu_sum,
                    m.memory_sum,
                    m.disk_sum,
                    static_cast<double>(m.net_rx),
                    static_cast<double>(m.net_tx),
                    m.ping_sum,
                    static_cast<double>(m.ping_count),
                    m.cpu_max,
                    m.memory_max
                };
                for (std::size_t t = 0; t < b.target_count; ++t) {
                    if (!b.pings(t).was_pinged()) {
                        continue;
                    }
                    const auto p = agg::to_wire(b, t, walk.targets().names()[t]);
                    to[{a.who().id, g, p.target_name, p.bucket}] = {
                        static_cast<double>(p.latency_count),
                        static_cast<double>(p.ok_count),
                        static_cast<double>(p.fail_count),
                        p.latency_sum,
                        p.latency_max
                    };
                }
            }
        }
    }
}

// Exactly, but for maxima, which a realtime sample may have left as a float32.
inline void check_same(const rows& found, const rows& expected) {
    CHECK(found.size() == expected.size());
    std::size_t shown = 0;
    for (const auto& [key, values] : expected) {
        const auto row = found.find(key);
        bool is_same = row != found.end() && row->second.size() == values.size();
        for (std::size_t i = 0; is_same && i < values.size(); ++i) {
            is_same = std::abs(row->second[i] - values[i]) <= 1e-6 * std::abs(values[i]);
        }
        if (!is_same && ++shown <= 5) {
            CAPTURE(std::get<0>(key));
            CAPTURE(std::get<1>(key));
            CAPTURE(std::get<2>(key));
            CAPTURE(std::get<3>(key));
            CAPTURE(values.front());
            CAPTURE((row == found.end() ? -1 : row->second.front()));
            CHECK(is_same);
        }
    }
    CHECK(shown == 0);
}

inline void check_stored(const fleet_stage& s, const fleet::fleet& f) {
    rows expected;
    for (const auto& a : f.agents()) {
        // Nothing is left out at the end either.
        const auto& kind = s.kinds.of(s.around.seed, a.who().index);
        const auto last = s.stopped + kind.clock_skew - 2 * s.around.interval;
        CHECK(a.account_of().until >= last);
        add_expected(expected, a);
    }
    check_same(stored_rows(s.database()), expected);
}

} // namespace vsim::test
