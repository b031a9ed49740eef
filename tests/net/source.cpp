#include "net/source.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace vsim;

namespace {

util::result<void> try_list(const char* list, const char* host) {
    return net::try_sources(util::parse_address_ranges(list).value(), host);
}

} // namespace

TEST_CASE("addresses of this machine pass, up to the longest list") {
    for (const char* list :
         {"127.0.0.1", "127.0.0.2-127.0.0.9,127.9.9.9", "127.1.0.0-127.1.255.255"}) {
        CAPTURE(list);
        const auto tried = try_list(list, "127.0.0.1");
        CHECK_MESSAGE(tried.has_value(), (tried ? "" : tried.error().message));
        CHECK(try_list(list, "localhost").has_value());
    }
}

TEST_CASE("a source address that cannot be one is refused by name") {
    struct row {
        const char* list;
        const char* host;
        const char* named;
        const char* why;
    };
    const row table[] = {
        {"192.0.2.1", "127.0.0.1", "'192.0.2.1'", "not an address of this machine"},
        {"127.0.0.2,192.0.2.1", "127.0.0.1", "'192.0.2.1'", "not an address of this machine"},
        {"2001:db8::1", "::1", "'2001:db8::1'", ""}, // no IPv6 at all is another reason
        {"127.255.255.255", "127.0.0.1", "'127.255.255.255'", "not an address of this machine"},
        {"127.255.0.0-127.255.255.255", "127.0.0.1", "'127.255.255.255'", "not an address of"},
        {"127.0.0.2", "192.0.2.1", "'127.0.0.2'", "cannot reach 192.0.2.1"},
        {"127.0.0.2", "::1", "'127.0.0.2'", "is IPv4, and ::1 is reached by IPv6 only"},
        {"fd00::1-fd00::4",
         "127.0.0.1",
         "'fd00::1'",
         "is IPv6, and 127.0.0.1 is reached by IPv4 only"},
    };
    for (const auto& [list, host, named, why] : table) {
        CAPTURE(list);
        CAPTURE(host);
        const auto tried = try_list(list, host);
        REQUIRE(tried.has_error());
        CHECK(tried.error().code == util::errc::bad_input);
        const auto& message = tried.error().message;
        CAPTURE(message);
        CHECK(message.starts_with(named));
        CHECK(message.find(why) != std::string::npos);
    }
}

TEST_CASE("a server whose name nobody knows is unreachable, not a bad source address") {
    const std::string name = std::string(64, 'x') + ".invalid"; // too long for a question to DNS
    const auto tried = try_list("127.0.0.2", name.c_str());
    REQUIRE(tried.has_error());
    CHECK(tried.error().code == util::errc::unreachable);
    CHECK(tried.error().message.find(name) != std::string::npos);
}
