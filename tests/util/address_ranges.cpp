#include "util/address_ranges.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace vsim::util;

namespace {

std::vector<std::string> all_of(const address_ranges& list) {
    std::vector<std::string> all;
    for (std::uint64_t i = 0; i < list.count(); ++i) {
        all.push_back(list.nth(i));
    }
    return all;
}

} // namespace

TEST_CASE("a list of addresses and ranges is counted and indexed in the order given") {
    struct row {
        const char* text;
        std::vector<std::string> all;
    };
    const std::vector<row> table{
        {"10.0.0.5", {"10.0.0.5"}},
        {"127.0.0.2-127.0.0.4", {"127.0.0.2", "127.0.0.3", "127.0.0.4"}},
        {"127.0.0.9-127.0.0.9", {"127.0.0.9"}},
        {"10.0.0.5,127.0.0.2-127.0.0.3,10.0.0.1", {"10.0.0.5", "127.0.0.2", "127.0.0.3", "10.0.0.1"}
        },
        {"127.0.0.255-127.0.1.1", {"127.0.0.255", "127.0.1.0", "127.0.1.1"}},
        {"127.0.0.2-127.0.0.3,127.0.0.4", {"127.0.0.2", "127.0.0.3", "127.0.0.4"}},
        {"127.0.0.4,127.0.0.2-127.0.0.3", {"127.0.0.4", "127.0.0.2", "127.0.0.3"}},
        {"::1", {"::1"}},
        {"fd00::1-fd00::4", {"fd00::1", "fd00::2", "fd00::3", "fd00::4"}},
        {"FD00:0::00A", {"fd00::a"}},
        {"fd00::ffff:ffff:ffff:ffff-fd00:0:0:1::1",
         {"fd00::ffff:ffff:ffff:ffff", "fd00:0:0:1::", "fd00:0:0:1::1"}},
    };
    for (const auto& [text, all] : table) {
        CAPTURE(text);
        const auto list = parse_address_ranges(text);
        REQUIRE_MESSAGE(list.has_value(), (list ? "" : list.error().message));
        CHECK(list->count() == all.size());
        CHECK_FALSE(list->empty());
        CHECK(list->is_v6() == (all[0].find(':') != std::string::npos));
        CHECK(all_of(*list) == all);
    }
    CHECK(address_ranges{}.empty());
    CHECK(address_ranges{}.count() == 0);
    CHECK(address_ranges{}.text().empty());
}

TEST_CASE("a list reads back as it is shown") {
    for (const char* text :
         {"10.0.0.5", "127.0.0.2-127.0.0.9,10.0.0.5", "fd00::1-fd00::4,fd00::9", "::1"}) {
        const auto list = parse_address_ranges(text).value();
        CHECK(list.text() == text);
        CHECK(parse_address_ranges(list.text()).value() == list);
    }
    CHECK(parse_address_ranges("127.0.0.2-127.0.0.2").value().text() == "127.0.0.2");
    CHECK(parse_address_ranges("10.0.0.1").value() != parse_address_ranges("10.0.0.2").value());
}

TEST_CASE("a list holds 65,536 addresses and no more, however it is written") {
    const auto most = parse_address_ranges("10.0.0.0-10.0.255.255").value();
    CHECK(most.count() == 65'536);
    CHECK(most.nth(0) == "10.0.0.0");
    CHECK(most.nth(65'535) == "10.0.255.255");
    for (const char* text :
         {"10.0.0.0-10.0.255.255,10.1.0.0",
          "10.0.0.0-10.1.0.0",
          "10.0.0.0-10.255.255.255",
          "0.0.0.1-223.255.255.255",
          "fd00::-fd00::1:0",
          "fd00::1-fd00:0:0:1::1",
          "fd00::ffff:ffff:ffff:ffff-fd00:0:0:2::",
          "::1-feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        CAPTURE(text);
        const auto refused = parse_address_ranges(text);
        REQUIRE(refused.has_error());
        CHECK(refused.error().message.find("more than 65,536") != std::string::npos);
    }
}

TEST_CASE("what is no list of source addresses is refused with the part that is wrong") {
    struct row {
        const char* text;
        const char* part;
        const char* why;
    };
    const std::vector<row> table{
        {"", "''", "not an IP address"},
        {",", "''", "not an IP address"},
        {"127.0.0.2,", "''", "not an IP address"},
        {"127.0.0.2,,127.0.0.3", "''", "not an IP address"},
        {"localhost", "'localhost'", "not an IP address"},
        {"127.0.0.2, 127.0.0.3", "' 127.0.0.3'", "not an IP address"},
        {"127.0.0", "'127.0.0'", "not an IP address"},
        {"127.0.0.256", "'127.0.0.256'", "not an IP address"},
        {"127.0.0.2-", "'127.0.0.2-'", "not an IP address"},
        {"-127.0.0.2", "'-127.0.0.2'", "not an IP address"},
        {"127.0.0.2-9", "'127.0.0.2-9'", "not an IP address"},
        {"127.0.0.2-127.0.0.3-127.0.0.4", "'127.0.0.2-127.0.0.3-127.0.0.4'", "not an IP address"},
        {"10.0.0.0/8", "'10.0.0.0/8'", "not an IP address"},
        {"[::1]", "'[::1]'", "not an IP address"},
        {"fe80::1%eth0", "'fe80::1%eth0'", "not an IP address"},
        {"10.0.0.1,127.0.0.9-127.0.0.2", "'127.0.0.9-127.0.0.2'", "ends before it begins"},
        {"fd00:0:0:1::-fd00::ffff", "'fd00:0:0:1::-fd00::ffff'", "ends before it begins"},
        {"127.0.0.2,::1", "'::1'", "mixes IPv4 and IPv6"},
        {"fd00::1,127.0.0.2", "'127.0.0.2'", "mixes IPv4 and IPv6"},
        {"127.0.0.2-::1", "'127.0.0.2-::1'", "mixes IPv4 and IPv6"},
        {"127.0.0.2,10.0.0.1,127.0.0.2", "'127.0.0.2'", "already in the list"},
        {"127.0.0.5,127.0.0.2-127.0.0.9", "'127.0.0.2-127.0.0.9'", "already in the list"},
        {"127.0.0.2-127.0.0.9,127.0.0.5", "'127.0.0.5'", "already in the list"},
        {"127.0.0.2-127.0.0.9,127.0.0.9-127.0.0.12", "'127.0.0.9-127.0.0.12'", "already in the list"
        },
        {"fd00::1-fd00::4,fd00::2", "'fd00::2'", "already in the list"},
        {"0.0.0.0", "'0.0.0.0'", "every address"},
        {"::", "'::'", "every address"},
        {"224.0.0.1", "'224.0.0.1'", "no address of one machine"},
        {"255.255.255.255", "'255.255.255.255'", "no address of one machine"},
        {"223.255.255.255-224.0.0.1", "'223.255.255.255-224.0.0.1'", "no address of one machine"},
        {"ff02::1", "'ff02::1'", "no address of one machine"},
        {"::ffff:127.0.0.2", "'::ffff:127.0.0.2'", "write it as one"},
    };
    for (const auto& [text, part, why] : table) {
        CAPTURE(text);
        const auto refused = parse_address_ranges(text);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::bad_input);
        const auto& message = refused.error().message;
        CAPTURE(message);
        CHECK(message.starts_with(part));
        CHECK(message.find(why) != std::string::npos);
        CHECK(message.find("accepted: addresses and ranges") != std::string::npos);
        CHECK(message.find('\n') == std::string::npos);
    }
    const auto long_one = parse_address_ranges(std::string(100'000, 'x'));
    CHECK(long_one.error().message.size() < 300);
    using namespace std::string_literals;
    CHECK(parse_address_ranges("127.0.0.2\0x"s).has_error());
}
