#include "report/process_usage.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

using namespace vsim;

TEST_CASE("a process uses time and memory, and never less than before") {
    const auto before = report::process_usage::now();
    CHECK(before.rss_bytes > 0);
    CHECK(before.rss_peak_bytes > 0);
    auto later = before;
    while (later.cpu() == before.cpu()) {
        later = report::process_usage::now();
    }
    CHECK(later.cpu() > before.cpu());
    CHECK(later.rss_peak_bytes >= before.rss_peak_bytes);
}

TEST_CASE("open descriptors are counted exactly") {
    const auto before = report::count_open_fds();
    const int fd = ::open("/dev/null", O_RDONLY);
    REQUIRE(fd >= 0);
    CHECK(report::count_open_fds() == before + 1);
    ::close(fd);
    CHECK(report::count_open_fds() == before);
}

TEST_CASE("the machine is described") {
    const auto m = report::machine::now();
    CHECK(m.cores >= 1);
    CHECK(m.memory_bytes > 0);
    CHECK(m.kernel.starts_with("Linux "));
    CHECK(m.fd_soft_limit > 0);
    CHECK(m.fd_soft_limit <= m.fd_hard_limit);
}
