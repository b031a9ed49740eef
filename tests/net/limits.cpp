#include "net/limits.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>

using namespace vsim;

TEST_CASE("a port range counts both ends, and nonsense counts nothing") {
    CHECK(net::ports_in_range("32768\t60999\n") == 28232);
    CHECK(net::ports_in_range("5000 5000") == 1);
    CHECK(net::ports_in_range("5001 5000") == 0);
    CHECK(net::ports_in_range("1 70000") == 0);
    CHECK(net::ports_in_range("") == 0);
    CHECK(net::ports_per_source() > 0);
}

TEST_CASE("raise_fd_limit reports what the system then says") {
    const auto got = net::raise_fd_limit();
    REQUIRE(got.has_value());
    rlimit l{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &l) == 0);
    CHECK(got->soft == l.rlim_cur);
    CHECK(got->hard == l.rlim_max);
}
