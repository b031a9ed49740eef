#include "server/clean_up.hpp"

#include "proto/bucket.hpp"
#include "server/instant.hpp"
#include "server/tables.hpp"
#include "table.hpp"

#include <string>

using namespace vsim;

namespace {

constexpr std::int64_t now = 1795492055;

class fixture {
public:
    fixture() : db_{server::database::open_for_writing(file_.path()).value()} {}

    void run(const std::string& sql) {
        const auto done = db_.execute(sql);
        REQUIRE_MESSAGE(done.has_value(), done.error().message);
    }
    std::uint64_t clean() {
        server::clean_up c;
        c.begin(now);
        std::uint64_t deleted = 0;
        while (c.is_running()) {
            const auto some = c.step(db_);
            REQUIRE_MESSAGE(some.has_value(), some.error().message);
            deleted += *some;
        }
        return deleted;
    }
    std::vector<std::string> column(const std::string& sql) { return test::column(db_, sql); }

    void raw(const std::string& server, std::int64_t second) {
        run("INSERT INTO metrics_raw (server_id,timestamp,cpu_usage,memory_usage,disk_usage,net_rx,"
            "net_tx,load_1,load_5,load_15) VALUES ('" +
            server + "','" + server::instant_text(second) + "',0,0,0,0,0,0,0,0)");
        run("INSERT INTO ping_raw (server_id,timestamp,target_name,target_host,packet_loss,status) "
            "VALUES ('" +
            server + "','" + server::instant_text(second) + "','CF','h',0,'ok')");
    }

private:
    test::db_file file_;
    server::database db_;
};

} // namespace

TEST_CASE(
    "what is older than its retention goes, the rest stays, in every table and of every server"
) {
    fixture f;
    for (const auto& g : proto::granularities) {
        const auto oldest = proto::bucket_index(g.id, now - g.retention.count());
        for (const char* server : {"a", "b", "deleted long ago"}) {
            for (const auto bucket : {oldest - 1000, oldest - 1, oldest, oldest + 1}) {
                const auto key = "('" + std::string{server} + "'," + std::to_string(bucket);
                f.run(
                    "INSERT INTO " + std::string{server::metrics_table(g.id)} +
                    " (server_id,bucket) VALUES " + key + ")"
                );
                for (const char* target : {"", "CF", "G"}) {
                    f.run(
                        "INSERT INTO " + std::string{server::ping_table(g.id)} +
                        " (server_id,bucket,target_name,target_host) VALUES " + key + ",'" +
                        target + "','h')"
                    );
                }
            }
        }
    }
    for (const char* server : {"a", "b"}) {
        for (const std::int64_t age : {0, 86399, 86400, 86401, 200000}) {
            f.raw(server, now - age);
        }
    }
    CHECK(f.clean() == 5 * 3 * 2 * (1 + 3) + 2 * 2 * 2);
    for (const auto& g : proto::granularities) {
        const auto oldest = proto::bucket_index(g.id, now - g.retention.count());
        const std::vector<std::string> kept{std::to_string(oldest), std::to_string(oldest + 1)};
        for (const auto table : {server::metrics_table(g.id), server::ping_table(g.id)}) {
            CAPTURE(table);
            CHECK(
                f.column("SELECT DISTINCT bucket FROM " + std::string{table} + " ORDER BY 1") ==
                kept
            );
        }
        CHECK(
            f.column("SELECT count(*) FROM " + std::string{server::metrics_table(g.id)}) ==
            std::vector<std::string>{"6"}
        );
        CHECK(
            f.column("SELECT count(*) FROM " + std::string{server::ping_table(g.id)}) ==
            std::vector<std::string>{"18"}
        );
    }
    for (const std::string table : {"metrics_raw", "ping_raw"}) {
        CHECK(f.column("SELECT count(*) FROM " + table) == std::vector<std::string>{"6"});
        CHECK(
            f.column("SELECT min(timestamp) FROM " + table) ==
            std::vector<std::string>{server::instant_text(now - 86400)}
        );
    }
    CHECK(f.clean() == 0);
}

TEST_CASE("many servers are cleaned in many steps, each a short one") {
    fixture f;
    f.run("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<9999) "
          "INSERT INTO metrics_5sec (server_id,bucket) SELECT 's'||(i/10),i%10 FROM n");
    CHECK(f.clean() == 10000);
    CHECK(f.column("SELECT count(*) FROM metrics_5sec") == std::vector<std::string>{"0"});
}
