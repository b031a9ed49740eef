#include "verify/compare.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace vsim;
using verify::kind;

namespace {

proto::metric_bucket metric(std::int64_t bucket) {
    return {
        .bucket = bucket,
        .cpu_sum = 30.3,
        .cpu_max = 12.34,
        .memory_sum = 90.9,
        .memory_max = 31.1,
        .disk_sum = 60,
        .net_rx = 1'000'000 + static_cast<std::uint64_t>(bucket),
        .net_tx = 500'000,
        .ping_sum = 25.5,
        .ping_count = 2,
        .sample_count = 3,
    };
}

verify::ping_row ping(std::int64_t bucket) {
    return {bucket, 20.5, 11.5, 2, 2, 1};
}

// Three buckets of five seconds, one target, two samples a bucket; stored as expected.
struct scene {
    scene() {
        for (std::int64_t bucket = 100; bucket < 103; ++bucket) {
            expected.metrics[0].push_back(metric(bucket));
            expected.raw.push_back({bucket, 2, 2});
        }
        expected.pings[0].push_back({"CF", {"1.1.1.1"}, {ping(100), ping(101), ping(102)}});
        stored.metrics = expected.metrics;
        stored.pings = expected.pings;
        stored.raw = expected.raw;
        stored.is_read.fill(true);
        stored.has_raw = true;
    }

    verify::agent_counts compare() {
        found.clear();
        return verify::compare(expected, stored, [this](const verify::difference& d) {
            found.push_back(d);
        });
    }
    // The one difference there is.
    verify::difference only() {
        compare();
        REQUIRE(found.size() == 1);
        return found.front();
    }

    verify::expected_rows expected;
    verify::stored_rows stored;
    std::vector<verify::difference> found;
};

} // namespace

TEST_CASE("what is stored as it was sent is clean, and counted") {
    scene s;
    const auto all = s.compare();
    CHECK(all.is_clean());
    CHECK(s.found.empty());
    CHECK(all.metrics[0].expected == 3);
    CHECK(all.metrics[0].found == 3);
    CHECK(all.pings[0].found == 3);
    CHECK(all.raw.expected == 6);
    CHECK(all.raw.found == 6);
}

TEST_CASE("a dropped row is missing, one that may have expired is not") {
    scene s;
    s.stored.metrics[0].erase(s.stored.metrics[0].begin() + 1);
    const auto d = s.only();
    CHECK(d.what == kind::missing);
    CHECK(d.bucket == 101);
    CHECK(d.field.field.empty());
    CHECK(s.compare().metrics[0].missing == 1);
    s.stored.metrics_readable[0].kept_from = 102;
    CHECK(s.compare().is_clean());
    CHECK(s.compare().metrics[0].expected == 2);
}

TEST_CASE("a granularity of which nothing is stored is missing whole") {
    scene s;
    s.stored.metrics[0].clear();
    s.stored.pings[0].clear();
    const auto all = s.compare();
    CHECK(all.metrics[0].missing == 3);
    CHECK(all.pings[0].missing == 3);
    CHECK(all.metrics[0].found == 0);
}

TEST_CASE("every column that is altered is named with what was expected and what was found") {
    using row = proto::metric_bucket;
    const auto plant = [](std::string_view field, auto row::* of, auto value) {
        scene s;
        s.stored.metrics[0][2].*of = value;
        const auto d = s.only();
        CHECK(d.what == kind::altered);
        CHECK(d.bucket == 102);
        CHECK(d.field.field == field);
        CHECK(d.field.expected == doctest::Approx(static_cast<double>(metric(102).*of)));
        CHECK(d.field.found == doctest::Approx(static_cast<double>(value)));
    };
    plant("cpu_sum", &row::cpu_sum, std::nextafter(30.3, 31.0)); // the least that can be
    plant("memory_sum", &row::memory_sum, 90.8);
    plant("disk_sum", &row::disk_sum, 61.0);
    plant("ping_sum", &row::ping_sum, 25.4);
    plant("cpu_max", &row::cpu_max, 12.35);
    plant("memory_max", &row::memory_max, 31.0);
    plant("net_rx", &row::net_rx, std::uint64_t{1'000'103});
    plant("net_tx", &row::net_tx, std::uint64_t{499'999});
    plant("ping_count", &row::ping_count, std::int64_t{3});
    plant("sample_count", &row::sample_count, std::int64_t{4});
}

TEST_CASE("every column of a ping row counts, too") {
    using row = verify::ping_row;
    const auto plant = [](std::string_view field, auto row::* of, auto value) {
        scene s;
        s.stored.pings[0][0].rows[0].*of = value;
        const auto d = s.only();
        CHECK(d.what == kind::altered);
        CHECK(d.target == "CF");
        CHECK(d.field.field == field);
    };
    plant("latency_sum", &row::latency_sum, 20.4);
    plant("latency_max", &row::latency_max, 11.6);
    plant("latency_count", &row::latency_count, std::int64_t{1});
    plant("ok_count", &row::ok_count, std::int64_t{1});
    plant("fail_count", &row::fail_count, std::int64_t{0});
    scene s;
    s.stored.pings[0][0].hosts = {"8.8.8.8"};
    CHECK(s.only().field.field == "target_host");
}

TEST_CASE("a maximum may be the float32 that a realtime sample carried, nothing else") {
    scene s;
    s.stored.metrics[0][0].cpu_max = static_cast<double>(static_cast<float>(12.34));
    CHECK(s.compare().is_clean());
    s.stored.metrics[0][0].cpu_max = 12.34 + 1e-5;
    CHECK(s.only().field.field == "cpu_max");
}

TEST_CASE("rows that nobody sent are foreign, those of an earlier life are not looked at") {
    scene s;
    s.stored.metrics[0].push_back(metric(103));
    CHECK(s.only().what == kind::foreign);
    CHECK(s.compare().metrics[0].foreign == 1);
    s = scene{};
    s.stored.metrics[0].insert(s.stored.metrics[0].begin(), metric(50));
    CHECK(s.compare().is_clean());
    s.stored.pings[0].push_back({"Other", {"h"}, {ping(50), ping(101)}});
    const auto d = s.only();
    CHECK(d.what == kind::foreign);
    CHECK(d.target == "Other");
    CHECK(d.bucket == 101);
}

TEST_CASE("samples that are there twice are no loss, and samples that are not are") {
    scene s;
    s.stored.raw[1].most = 3;
    auto d = s.only();
    CHECK(d.what == kind::twice);
    CHECK(d.is_raw);
    CHECK(s.compare().twice == 1);
    CHECK(!s.compare().is_clean());
    s.stored.raw[1].most = 1;
    d = s.only();
    CHECK(d.what == kind::missing);
    CHECK(d.field.expected == 2);
    CHECK(d.field.found == 1);
    s.expected.raw[1].least = 1; // the other one may have been lost on its way
    CHECK(s.compare().is_clean());
    s.stored.raw.push_back({200, 1, 1});
    CHECK(s.only().what == kind::foreign);
}

TEST_CASE("sums of samples of which one is in doubt lie between") {
    scene s;
    s.expected.from_samples = true;
    auto least = metric(101);
    least.sample_count = 2;
    least.cpu_sum = 20.2;
    s.expected.least[0].emplace(101, least);
    CHECK(s.compare().is_clean());
    s.stored.metrics[0][1].sample_count = 2;
    s.stored.metrics[0][1].cpu_sum = 20.2;
    CHECK(s.compare().is_clean());
    s.stored.metrics[0][1].cpu_sum = 20.1;
    CHECK(s.only().field.field == "cpu_sum");
}

TEST_CASE("over REST means are compared, as exactly as a float32 can be") {
    scene s;
    s.stored.as = verify::form::means;
    s.stored.has_raw = false;
    for (auto& row : s.stored.metrics[0]) {
        row.cpu_sum = static_cast<double>(static_cast<float>(30.3 / 3));
        row.memory_sum = static_cast<double>(static_cast<float>(90.9 / 3));
        row.disk_sum = 20;
        row.ping_sum = 25.5 / 2;
        row.ping_count = 1;
        row.sample_count = 0;
        row.cpu_max = row.memory_max = 0;
    }
    for (auto& row : s.stored.pings[0][0].rows) {
        row = {row.bucket, 10.25, 0, 1, 0, 1};
    }
    CHECK(s.compare().is_clean());
    s.stored.metrics[0][1].cpu_sum += 1e-4;
    CHECK(s.only().field.field == "cpu");
    s.stored.metrics[0][1].cpu_sum -= 1e-4;
    s.stored.pings[0][0].rows[2].fail_count = 0;
    CHECK(s.only().field.field == "status");
    s.stored.pings[0][0].rows[2].fail_count = 1;
    s.stored.metrics_readable[0].last = 101; // the row limit has cut off the newest bucket
    s.stored.metrics[0].pop_back();
    CHECK(s.compare().is_clean());
    s.stored.metrics[0].push_back(s.stored.metrics[0].back());
    CHECK(s.only().what == kind::twice);
}

TEST_CASE("what nothing can be said about is not judged") {
    scene s;
    s.expected.is_judged = false;
    s.stored.metrics[0].clear();
    CHECK(s.compare().is_clean());
    CHECK(s.compare().metrics[0].expected == 0);
}
