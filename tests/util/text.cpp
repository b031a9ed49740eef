#include "util/text.hpp"

#include <doctest/doctest.h>

using vsim::util::one_line;

TEST_CASE("foreign text becomes one harmless line") {
    CHECK(one_line("Invalid token", "") == "Invalid token");
    CHECK(one_line("a\nb\x1b[31mc\x7f", "") == "a b [31mc ");
    CHECK(one_line("token abc and abc", "abc") == "token *** and ***");
    CHECK(one_line("", "abc").empty());
}

TEST_CASE("the distance of two words is what has to change") {
    using vsim::util::edit_distance;
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("fence", "fence") == 0);
    CHECK(edit_distance("fnce", "fence") == 1);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("sitting", "kitten") == 3);
}

TEST_CASE("a long text is cut between two characters") {
    const auto plain = one_line(std::string(500, 'x'), "");
    CHECK(plain == std::string(200, 'x') + "...");
    std::string wide(199, 'x');
    wide += "\xc3\xa4 and more";
    CHECK(one_line(wide, "") == std::string(199, 'x') + "...");
}
