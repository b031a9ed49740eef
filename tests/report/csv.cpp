#include "report/csv.hpp"

#include "example.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace vsim;

TEST_CASE(
    "a point is a line of numbers in the units of the header, an empty cell where there is none"
) {
    CHECK(
        report::to_csv(test::example_run()) ==
        "t_s,connected,metrics_sent,bytes_sent,errors,missed,send_lag_p99_ms,fence_p50_ms,"
        "fence_p99_ms,fence_uncorrected_p99_ms,freshness_p50_ms,freshness_p95_ms,"
        "history_read_p95_ms,cpu_pct,rss_bytes,steal_pct,server_cpu_pct,server_rss_bytes,"
        "server_threads,server_fds,server_read_bytes_per_s,server_written_bytes_per_s\r\n"
        "1,1000,333,549450,0,0,,,,,,,,4.25,30000000,,,,,,,\r\n"
        "2,2000,1000,1650000,3,2,4.321,1,7,6,2500,5100,12,8.5,40000000,1.5,33.5,90000000,11,2012,0,"
        "1250000.5\r\n"
    );
}

TEST_CASE("a run without points is a header") {
    const auto text = report::to_csv(test::failed_run());
    CHECK(std::ranges::count(text, '\n') == 1);
}
