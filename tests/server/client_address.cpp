#include "server/client_address.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace vsim;

TEST_CASE("a proxy on this machine is believed, anybody else is not") {
    struct expected {
        const char *peer, *forwarded, *real_ip, *client;
    };
    const expected cases[] = {
        {"127.0.0.1", "", "", "127.0.0.1"},
        {"127.0.0.1", "198.51.100.7", "", "198.51.100.7"},
        {"::1", "198.51.100.7", "", "198.51.100.7"},
        {"::1", "2001:db8::7", "", "2001:db8::7"},
        {"127.0.0.2", "198.51.100.7", "", "127.0.0.2"},
        {"203.0.113.9", "198.51.100.7", "198.51.100.8", "203.0.113.9"},
        {"127.0.0.1", "203.0.113.1, 198.51.100.7 ", "", "198.51.100.7"},
        {"127.0.0.1", "203.0.113.1,198.51.100.7,127.0.0.1", "", "198.51.100.7"},
        {"127.0.0.1", "::1, 127.0.0.1", "", "::1"},
        {"127.0.0.1", "203.0.113.1, unknown", "", "127.0.0.1"},
        {"127.0.0.1", "unknown, 203.0.113.1", "", "203.0.113.1"},
        {"127.0.0.1", "unknown", "198.51.100.8", "198.51.100.8"},
        {"127.0.0.1", "", "198.51.100.8", "198.51.100.8"},
        {"127.0.0.1", "198.51.100.7:80", "", "127.0.0.1"},
        {"127.0.0.1", " , ", "", "127.0.0.1"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.peer);
        CAPTURE(c.forwarded);
        net::http_request r;
        r.remote_ip = c.peer;
        if (*c.forwarded != '\0') {
            r.headers.emplace_back("x-forwarded-for", c.forwarded);
        }
        if (*c.real_ip != '\0') {
            r.headers.emplace_back("X-Real-Ip", c.real_ip);
        }
        CHECK(server::client_address(r) == c.client);
    }
}
