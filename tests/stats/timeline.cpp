#include "stats/timeline.hpp"

#include <doctest/doctest.h>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

stats::timeline filled(std::size_t capacity, unsigned seconds) {
    stats::timeline line{capacity};
    for (unsigned s = 1; s <= seconds; ++s) {
        line.add(
            {.t = std::chrono::seconds{s},
             .connected = s,
             .metrics_sent = 10,
             .bytes_sent = 1000,
             .errors = 1,
             .send_lag_p99 = std::chrono::milliseconds{s},
             .cpu_pct = static_cast<double>(s),
             .rss_bytes = 100 + s}
        );
    }
    return line;
}

} // namespace

TEST_CASE("up to its capacity a timeline keeps every point") {
    const auto points = filled(8, 8).points();
    REQUIRE(points.size() == 8);
    CHECK(points[2].t == 3s);
    CHECK(points[2].metrics_sent == 10);
}

TEST_CASE("beyond its capacity a timeline joins points two by two and loses no count") {
    for (const std::size_t capacity : {2U, 3U, 8U, 9U}) {
        for (unsigned seconds = 1; seconds <= 100; ++seconds) {
            CAPTURE(capacity);
            CAPTURE(seconds);
            const auto points = filled(capacity, seconds).points();
            REQUIRE(points.size() <= capacity + 1);
            std::uint64_t sent = 0;
            std::uint64_t bytes = 0;
            std::uint64_t errors = 0;
            auto before = 0ns;
            for (const auto& p : points) {
                CHECK(p.t > before);
                before = p.t;
                sent += p.metrics_sent;
                bytes += p.bytes_sent;
                errors += p.errors;
            }
            CHECK(points.back().t == std::chrono::seconds{seconds});
            CHECK(sent == 10U * seconds);
            CHECK(bytes == 1000U * seconds);
            CHECK(errors == seconds);
        }
    }
}

TEST_CASE("a joined point has the last gauge, the greatest lag and memory, the mean CPU") {
    const auto points = filled(2, 4).points();
    REQUIRE(points.size() == 2);
    CHECK(
        points[0] ==
        stats::timeline_point{
            .t = 2s,
            .connected = 2,
            .metrics_sent = 20,
            .bytes_sent = 2000,
            .errors = 2,
            .send_lag_p99 = 2ms,
            .cpu_pct = 1.5,
            .rss_bytes = 102,
        }
    );
    CHECK(points[1].cpu_pct == doctest::Approx(3.5));
}

TEST_CASE("a stretch without a send has no lag, and joining keeps the one that had") {
    stats::timeline line{2};
    line.add({.t = 1s});
    line.add({.t = 2s, .send_lag_p99 = 3ms});
    line.add({.t = 3s});
    line.add({.t = 4s});
    const auto points = line.points();
    REQUIRE(points.size() == 2);
    CHECK(points[0].send_lag_p99 == std::optional<util::nanoseconds>{3ms});
    CHECK_FALSE(points[1].send_lag_p99.has_value());
}

TEST_CASE("a watched process stays on the line after it has gone, a rate as its mean") {
    stats::timeline line{2};
    const stats::watched_point seen{.cpu_pct = 10, .fds = 7, .written_bytes_per_s = 8};
    line.add({.t = 1s, .steal_pct = 1, .server = seen});
    line.add({.t = 2s, .steal_pct = 2, .server = stats::watched_point{.cpu_pct = 30, .fds = 5}});
    line.add({.t = 3s, .server = stats::watched_point{.cpu_pct = 50, .rss_bytes = 9}});
    line.add({.t = 4s});
    const auto points = line.points();
    REQUIRE(points.size() == 2);
    CHECK(points[0].steal_pct == std::optional<double>{1.5});
    CHECK(
        points[0].server.value() ==
        stats::watched_point{.cpu_pct = 20, .fds = 7, .written_bytes_per_s = 8}
    );
    CHECK(points[1].server.value() == stats::watched_point{.cpu_pct = 50, .rss_bytes = 9});
}
