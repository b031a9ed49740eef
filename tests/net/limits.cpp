#include "net/limits.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>

using namespace vsim;

TEST_CASE("a port range counts both ends, and nonsense is none") {
    CHECK(net::parse_port_range("32768\t60999\n") == net::port_range{});
    CHECK(net::port_range{}.count() == 28232);
    CHECK(net::parse_port_range("5000 5000")->count() == 1);
    CHECK_FALSE(net::parse_port_range("5001 5000"));
    CHECK_FALSE(net::parse_port_range("1 70000"));
    CHECK_FALSE(net::parse_port_range(""));
    CHECK(net::local_ports().count() > 0);
}

TEST_CASE("shares of a port range cover it, each port once") {
    for (const auto& all : {net::port_range{}, {1024, 65535}, {5000, 5127}, {5000, 5126}, {7, 7}}) {
        CAPTURE(all.first);
        std::uint32_t n = 0;
        auto next = all.first;
        for (;; ++n) {
            const auto share = net::share_of_ports(all, n);
            CHECK(share.first == next);
            CHECK(share.count() < 192);
            next = share.last + 1;
            if (share.last >= all.last) {
                break;
            }
        }
        CHECK(next == all.last + 1);
        CHECK(net::share_of_ports(all, n + 1) == net::share_of_ports(all, 0));
    }
}

TEST_CASE("raise_fd_limit reports what the system then says") {
    const auto got = net::raise_fd_limit();
    REQUIRE(got.has_value());
    rlimit l{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &l) == 0);
    CHECK(got->soft == l.rlim_cur);
    CHECK(got->hard == l.rlim_max);
}
