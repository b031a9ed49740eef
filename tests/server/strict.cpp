#include "server/strict.hpp"

#include "proto/decode.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace vsim;
using server::oddity;
using server::server_memory;
using server::sightings;

namespace {

constexpr std::int64_t now_second = 1'795'492'055; // of protocol.md 3.1: 17 of the five past
const auto now = util::from_unix_seconds(now_second);

using found = std::vector<std::pair<oddity, std::uint64_t>>;

// What a server's messages show, one after the other.
struct watched {
    server_memory memory;
    sightings last;

    found see(const std::string& text) {
        last = {};
        const auto message = proto::decode_agent_message(text);
        REQUIRE_MESSAGE(message.has_value(), (message ? "" : message.error().message));
        std::visit(
            [&](const auto& m) {
                if constexpr (requires { server::inspect(m, memory, now, last); }) {
                    server::inspect(m, memory, now, last);
                }
            },
            *message
        );
        found all;
        for (std::size_t i = 0; i < server::oddity_count; ++i) {
            if (last.counts[i] > 0) {
                all.emplace_back(static_cast<oddity>(i), last.counts[i]);
            }
        }
        return all;
    }
};

std::string at(std::int64_t ago) {
    return util::format_rfc3339(now - std::chrono::seconds{ago});
}

std::string metrics(std::string timestamp, std::string rest = "") {
    return R"({"timestamp":")" + std::move(timestamp) + "\"" + std::move(rest) + "}";
}

std::string sample(std::string timestamp, std::string rest = "") {
    return R"({"type":"metrics","metrics":)" + metrics(std::move(timestamp), std::move(rest)) + "}";
}

std::string totals(std::string rx, std::string tx) {
    return R"(,"network":{"total_rx":)" + rx + R"(,"total_tx":)" + tx + "}";
}

std::string buckets(const std::string& granularity, const std::string& rows) {
    return R"({"type":"aggregated_metrics","granularities":[{"granularity":")" + granularity +
           R"(","metrics":[)" + rows + "]}]}";
}

std::string bucket(std::int64_t index, const std::string& rest) {
    return R"({"bucket":)" + std::to_string(index) + "," + rest + "}";
}

const std::string one_sample = R"("sample_count":1)";

} // namespace

TEST_CASE("what a well-behaved agent sends shows nothing") {
    watched w;
    CHECK(w.see(sample(at(3), totals("100", "50"))) == found{});
    CHECK(w.see(sample(at(0), totals("100", "60"))) == found{});
    CHECK(w.see(sample(at(6), totals("90", "40"))) == found{});          // late, as it was then
    CHECK(w.see(sample(at(-4))) == found{{oddity::falling_counter, 1}}); // says nothing of them
    CHECK(w.see(R"({"type":"aggregated_metrics","last_metrics":{}})") == found{});
    for (const auto& g : proto::granularities) {
        CAPTURE(std::string{g.name});
        const auto newest = proto::bucket_index(g.id, now_second);
        const auto oldest = proto::bucket_index(g.id, now_second - g.retention.count());
        CHECK(
            w.see(buckets(
                std::string{g.name},
                bucket(oldest, one_sample + R"(,"net_rx":7,"net_tx":7)") + "," +
                    bucket(newest, one_sample + R"(,"net_rx":8,"net_tx":7)")
            )) == found{}
        );
    }
}

TEST_CASE("each thing that vStats hides is seen in one message") {
    const std::string max = "9223372036854775808"; // 2^63
    const auto b5 = proto::bucket_index(proto::granularity::sec5, now_second);
    struct {
        std::string text;
        oddity what;
        std::uint64_t count = 1;
    } const table[] = {
        {R"({"type":"metrics"})", oddity::without_metrics},
        {R"({"type":"metrics","metrics":{}})", oddity::expired_bucket},
        {sample(at(-6)), oddity::future_bucket},
        {sample(at(24 * 3600 + 301)), oddity::expired_bucket},
        {sample("2026-11-24T11:47:35+08:00"), oddity::not_utc},
        {sample(at(0), totals(max, "0")), oddity::huge_counter},
        {sample(at(0), totals("0", max)), oddity::huge_counter},
        {sample(at(0), R"(,"ping":{"timestamp":1795492055000,"targets":[{"name":"a"}]})"),
         oddity::future_bucket},
        {sample(at(0), R"(,"ping":{"targets":[{"name":"a"}],"agg_2min":[{"bucket":1795492000}]})"),
         oddity::timestamp_bucket},
        {buckets("1min", bucket(b5, one_sample)), oddity::unknown_granularity},
        // The old generator: the start of the bucket in seconds, in every granularity.
        {buckets("5sec", bucket(1'795'492'055, one_sample)), oddity::timestamp_bucket},
        {buckets("daily", bucket(1'795'478'400, one_sample)), oddity::timestamp_bucket},
        {buckets("5sec", bucket(INT64_MAX, one_sample)), oddity::timestamp_bucket},
        {buckets("5sec", bucket(b5 + 2, one_sample)), oddity::future_bucket},
        {buckets("daily", bucket(20'782, one_sample)), oddity::future_bucket},
        {buckets("5sec", bucket(b5 - 1440 - 61, one_sample)), oddity::expired_bucket},
        {buckets("5sec", bucket(INT64_MIN, one_sample)), oddity::expired_bucket},
        {buckets("5sec", bucket(0, one_sample) + "," + bucket(-1, one_sample)),
         oddity::expired_bucket,
         2},
        {buckets("5sec", bucket(b5, one_sample + R"(,"net_rx":)" + max)), oddity::huge_counter},
        {buckets("5sec", bucket(b5, R"("sample_count":-1)")), oddity::impossible_count},
        {buckets("5sec", bucket(b5, R"("sample_count":5001)")), oddity::impossible_count},
        {buckets("5sec", bucket(b5, R"("sample_count":1,"ping_count":-1)")),
         oddity::impossible_count},
        {buckets("5sec", bucket(b5, R"("cpu_sum":5,"cpu_max":5)")), oddity::impossible_count},
        {buckets("5sec", bucket(b5, R"("sample_count":1,"cpu_sum":11,"cpu_max":5)")),
         oddity::impossible_count},
        {buckets("5sec", bucket(b5, R"("sample_count":1,"memory_sum":11,"memory_max":5)")),
         oddity::impossible_count},
        {buckets("5sec", bucket(b5, R"("sample_count":1,"disk_sum":101)")), oddity::impossible_count
        },
        {buckets(
             "5sec",
             bucket(b5, one_sample + R"(,"net_rx":9)") + "," +
                 bucket(b5 + 1, one_sample + R"(,"net_rx":8)")
         ),
         oddity::falling_counter},
        {buckets(
             "5sec",
             bucket(b5, one_sample + R"(,"net_tx":8)") + "," +
                 bucket(b5 - 1, one_sample + R"(,"net_tx":9)")
         ),
         oddity::falling_counter},
        {R"({"type":"aggregated_metrics","granularities":[{"granularity":"2min","ping":[{"bucket":5}]}]})",
         oddity::expired_bucket},
        {R"({"type":"aggregated_metrics","granularities":[{"granularity":"2min","ping":[{"bucket":14962433,"ok_count":-1}]}]})",
         oddity::impossible_count},
        {R"({"type":"batch_metrics","metrics_batch":[{"timestamp":"2026-11-24T03:47:35Z"}]})",
         oddity::batch_rejected},
        {R"({"type":"batch_metrics","metrics_batch":[{"timestamp":"soon","metrics":{}}]})",
         oddity::batch_rejected},
        {R"({"type":"batch_metrics","metrics_batch":[{"timestamp":"2026-11-24T04:47:35+01:00","metrics":{}}]})",
         oddity::not_utc},
        {R"({"type":"batch_metrics","aggregated":[null,null]})", oddity::batch_rejected, 2},
        {R"({"type":"batch_metrics","aggregated":[{"start_time":"soon"}]})", oddity::batch_lost},
        {R"({"type":"batch_metrics","aggregated":[{"start_time":"2026-11-20T03:47:35Z"}]})",
         oddity::expired_bucket},
        {R"({"type":"batch_metrics","aggregated":[{"start_time":"2026-11-24T03:40:00Z","net_tx_max":)" +
             max + "}]}",
         oddity::huge_counter},
        {R"({"type":"batch_metrics","aggregated":[{"start_time":"2026-11-24T03:40:00Z","sample_count":-2}]})",
         oddity::impossible_count},
    };
    for (const auto& row : table) {
        CAPTURE(row.text);
        watched w;
        const auto seen = w.see(row.text);
        CHECK(seen == found{{row.what, row.count}});
        REQUIRE(w.last.examples.size() == row.count);
        CHECK(w.last.examples.front().first == row.what);
        CHECK_FALSE(w.last.examples.front().second.empty());
    }
}

TEST_CASE("a counter that falls is seen in time's order, not in the order of arrival") {
    watched w;
    CHECK(w.see(sample(at(10), totals("100", "100"))) == found{});
    CHECK(w.see(sample(at(5), totals("99", "100"))) == found{{oddity::falling_counter, 1}});
    CHECK(w.see(sample(at(4), totals("99", "101"))) == found{}); // said once
    CHECK(w.see(sample(at(8), totals("50", "50"))) == found{});
    CHECK(
        w.see(sample(at(8), totals("100", "50"))) ==
        found{{oddity::falling_counter, 1}, {oddity::duplicate_sample, 1}}
    );
    // A row that the table cannot hold is no yardstick.
    CHECK(
        w.see(sample(at(3), totals("18446744073709551615", "200"))) ==
        found{{oddity::huge_counter, 1}}
    );
    CHECK(w.see(sample(at(2), totals("101", "102"))) == found{});
    watched other;
    CHECK(other.see(sample(at(1), totals("1", "1"))) == found{});
}

TEST_CASE("the same time twice is a duplicate, as long as it is remembered") {
    watched w;
    for (int i = 60; i > 0; --i) {
        CHECK(w.see(sample(at(i))) == found{});
    }
    CHECK(w.see(sample(at(1))) == found{{oddity::duplicate_sample, 1}});
    CHECK(w.see(sample(at(20))) == found{{oddity::duplicate_sample, 1}});
    const auto half = "2026-11-24T03:47:34.5Z";
    CHECK(w.see(sample(half)) == found{});
    CHECK(w.see(sample(half)) == found{{oddity::duplicate_sample, 1}});
}

TEST_CASE("an open bucket cannot hold what will be sampled in its rest") {
    const auto five = proto::bucket_index(proto::granularity::sec5, now_second);
    const auto hour = proto::bucket_index(proto::granularity::hourly, now_second);
    const auto passed = now_second - hour * 3600;
    REQUIRE(passed == 2855);
    const auto every_5s = bucket(five - 3, one_sample);
    const auto hourly = [&](std::int64_t count) {
        return buckets("hourly", bucket(hour, R"("sample_count":)" + std::to_string(count)));
    };
    watched w;
    CHECK(w.see(hourly(720)) == found{}); // nobody knows yet how often it samples
    CHECK(w.see(buckets("5sec", every_5s)) == found{});
    CHECK(w.see(hourly(720)) == found{{oddity::impossible_count, 1}});
    CHECK(w.see(hourly(passed / 5)) == found{});
    CHECK(w.see(hourly(passed / 5 + 2)) == found{});
    CHECK(w.see(hourly(passed / 5 + 4)) == found{{oddity::impossible_count, 1}});
    // One that samples more often may.
    CHECK(w.see(buckets("5sec", bucket(five - 2, R"("sample_count":50)"))) == found{});
    CHECK(w.see(hourly(passed * 10)) == found{});
    CHECK(w.see(buckets("hourly", bucket(hour - 1, R"("sample_count":36000)"))) == found{});
}

TEST_CASE("an agent that comes back may sample more often than before") {
    const auto five = proto::bucket_index(proto::granularity::sec5, now_second);
    const auto hour = proto::bucket_index(proto::granularity::hourly, now_second);
    const auto two = proto::bucket_index(proto::granularity::min2, now_second);
    const auto start = proto::bucket_start(proto::granularity::min2, two);
    const auto count = [](std::int64_t n) { return R"("sample_count":)" + std::to_string(n); };
    const auto hourly = [&](std::int64_t n) { return buckets("hourly", bucket(hour, count(n))); };
    const auto min2 = [&](std::int64_t n) { return buckets("2min", bucket(two, count(n))); };
    watched w;
    CHECK(w.see(buckets("5sec", bucket(five - 20, one_sample))) == found{});
    CHECK(w.see(hourly(2000)) == found{{oddity::impossible_count, 1}});
    server::begin_session(w.memory, util::from_unix_seconds(start - 6));
    CHECK(w.see(hourly(2000)) == found{});
    // What it sends again of the session before says nothing of this one.
    CHECK(w.see(buckets("5sec", bucket(five - 20, R"("sample_count":2)"))) == found{});
    CHECK(w.see(min2(now_second - start)) == found{});
    // And this one's buckets say nothing of less than the one before had.
    CHECK(w.see(buckets("5sec", bucket(five - 2, one_sample))) == found{});
    CHECK(w.see(hourly(1000)) == found{});
    CHECK(w.see(hourly(1200)) == found{{oddity::impossible_count, 1}});
    CHECK(w.see(min2(now_second - start)) == found{{oddity::impossible_count, 1}});
}

TEST_CASE("a message full of oddities is counted in full and shown in part") {
    std::string rows = bucket(1'795'000'000, one_sample);
    for (int i = 1; i < 1000; ++i) {
        rows += "," + bucket(1'795'000'000 + i, one_sample);
    }
    watched w;
    CHECK(w.see(buckets("5sec", rows)) == found{{oddity::timestamp_bucket, 1000}});
    CHECK(w.last.examples.size() == sightings::most_examples);
}

TEST_CASE("every oddity has words of its own") {
    for (std::size_t i = 0; i < server::oddity_count; ++i) {
        CHECK_FALSE(server::describe(static_cast<oddity>(i)).empty());
        for (std::size_t j = 0; j < i; ++j) {
            CHECK(
                server::describe(static_cast<oddity>(i)) != server::describe(static_cast<oddity>(j))
            );
        }
    }
}
