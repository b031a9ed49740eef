#include "net/frame.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace vsim;

TEST_CASE("close codes that may travel are those that RFC 6455 leaves to endpoints") {
    for (const unsigned code :
         {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 3000U, 4999U}) {
        CAPTURE(code);
        CHECK(net::is_valid_on_wire(static_cast<std::uint16_t>(code)));
    }
    for (const unsigned code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2000U, 2999U, 5000U, 65535U}) {
        CAPTURE(code);
        CHECK(!net::is_valid_on_wire(static_cast<std::uint16_t>(code)));
    }
}

TEST_CASE("UTF-8 is told from what only looks like it") {
    const std::pair<const char*, bool> cases[] = {
        {"", true},
        {"plain", true},
        {"\x7f", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xf0\x9f\x87\xa9 flag", true},
        {"\x80", false}, // a continuation alone
        {"\xbf", false},
        {"\xc0\x80", false}, // overlong
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xed\xa0\x80", false}, // a surrogate
        {"\xed\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false}, // above U+10FFFF
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xc2", false}, // cut off
        {"\xe2\x82", false},
        {"\xf0\x9f\x87", false},
        {"\xc2x", false},
        {"\xe2\x82x", false},
        {"ok \xe2\x28\xa1", false},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(std::string{text});
        CHECK(net::is_utf8(text) == expected);
    }
}
