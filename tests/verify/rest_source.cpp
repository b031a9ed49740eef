#include "verify/rest_source.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using proto::granularity;

namespace {

constexpr std::int64_t now = 1'795'500'000; // a multiple of every width but a day

proto::history_reply reply_of(granularity g, std::int64_t first, std::int64_t last) {
    proto::history_reply r;
    r.data.emplace();
    for (auto b = first; b <= last; ++b) {
        const auto at = util::from_unix_seconds(proto::bucket_start(g, b));
        r.data->push_back({util::format_rfc3339(at), 1.5F, 2.5F, 3.5F, 1000 + b, 500 + b, 12.5});
    }
    return r;
}

std::vector<proto::metric_bucket> expected_of(std::int64_t first, std::int64_t last) {
    std::vector<proto::metric_bucket> rows;
    for (auto b = first; b <= last; ++b) {
        rows.push_back({.bucket = b});
        rows.back().net_rx = static_cast<std::uint64_t>(1000 + b);
        rows.back().net_tx = static_cast<std::uint64_t>(500 + b);
    }
    return rows;
}

} // namespace

TEST_CASE("the server's own clock and the bucket that was asked for say what can be read") {
    const auto newest = now / 5;
    auto reply = reply_of(granularity::sec5, newest - 3, newest);
    reply.last_bucket = newest;
    std::vector<proto::metric_bucket> rows;
    verify::readable span;
    const auto& range = verify::range_of(granularity::sec5);
    REQUIRE(verify::take_metrics(reply, range, newest - 3, now, {}, rows, span).has_value());
    CHECK(rows.size() == 4);
    CHECK(rows.front().cpu_sum == 1.5);
    CHECK(rows.front().ping_count == 1);
    CHECK(span.first == newest - 3);
    CHECK(span.holds(newest + 1));
    rows.clear();
    REQUIRE(verify::take_metrics(reply, range, 1, now, {}, rows, span).has_value());
    CHECK(span.first == newest - 720); // the hour's bound
}

TEST_CASE("what the row limit cuts off is not readable, and so not missing") {
    const auto newest = now / 3600;
    const auto& range = verify::range_of(granularity::hourly);
    std::vector<proto::metric_bucket> rows;
    verify::readable span;
    const auto full = reply_of(granularity::hourly, newest - 720, newest - 1);
    const auto all = expected_of(newest - 720, newest);
    REQUIRE(verify::take_metrics(full, range, 0, now, all, rows, span).has_value());
    CHECK(span.holds(newest - 1));
    CHECK(!span.holds(newest));
    rows.clear();
    const auto few = reply_of(granularity::hourly, newest - 7, newest - 1);
    REQUIRE(verify::take_metrics(few, range, 0, now, all, rows, span).has_value());
    CHECK(span.holds(newest));
}

TEST_CASE("points made from raw rows because a table is empty are no rows of it") {
    const auto newest = now / 900;
    const auto& range = verify::range_of(granularity::min15);
    auto reply = reply_of(granularity::min15, newest - 2, newest);
    for (auto& p : *reply.data) {
        p.net_rx = p.net_tx = 17; // differences
    }
    std::vector<proto::metric_bucket> rows;
    verify::readable span;
    const auto all = expected_of(newest - 3, newest);
    REQUIRE(verify::take_metrics(reply, range, 0, now, all, rows, span).has_value());
    CHECK(rows.empty());
    // One true row is enough to show that the table is not empty.
    reply.data->front() = reply_of(granularity::min15, newest - 2, newest - 2).data->front();
    REQUIRE(verify::take_metrics(reply, range, 0, now, all, rows, span).has_value());
    CHECK(rows.size() == 3);
}

TEST_CASE("pings keep what REST tells of them, and a time that is none is refused") {
    const auto& range = verify::range_of(granularity::min2);
    proto::history_reply reply;
    reply.last_bucket = now / 120;
    reply.ping_targets = {
        {"CF",
         "1.1.1.1",
         {{util::format_rfc3339(util::from_unix_seconds(now)), 12.5, "ok"},
          {util::format_rfc3339(util::from_unix_seconds(now + 120)), {}, "error"}}}
    };
    std::vector<verify::ping_series> series;
    verify::readable span;
    REQUIRE(verify::take_pings(reply, range, 0, now, series, span).has_value());
    REQUIRE(series.size() == 1);
    CHECK(series[0].hosts == std::vector<std::string>{"1.1.1.1"});
    const std::vector<verify::ping_row> rows{
        {now / 120, 12.5, 0, 1, 0, 0}, {now / 120 + 1, 0, 0, 0, 0, 1}
    };
    CHECK(series[0].rows == rows);
    CHECK(span.first == now / 120 - 720);
    reply.ping_targets[0].data[0].timestamp = "yesterday";
    const auto refused = verify::take_pings(reply, range, 0, now, series, span);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == util::errc::protocol);
}
