#include "agent/report_board.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

TEST_CASE("the board knows how long an agent has reported without a gap, and without a long one") {
    const std::vector<agent::identity> who{{7, "a", "", ""}, {9, "b", "", ""}};
    agent::report_board board{who};
    const auto zero = util::from_unix_seconds(1'795'500'000);
    CHECK(!board.of(7));
    CHECK(!board.of(8)); // nobody
    board.note(8, zero, 3s);
    CHECK(!board.of(8));
    for (int n = 0; n < 5; ++n) {
        board.note(7, zero + n * 3s, 3s);
    }
    CHECK(board.of(7)->last == zero + 12s);
    CHECK(board.of(7)->since == zero);
    CHECK(board.of(7)->back == zero);
    CHECK(!board.of(9));
    board.note(7, zero + 18s, 3s); // one was missed
    CHECK(board.of(7)->since == zero + 18s);
    CHECK(board.of(7)->back == zero);
    board.note(7, zero + 47s, 3s);
    CHECK(board.of(7)->back == zero);
    board.note(7, zero + 77s, 3s); // as long as a server waits
    board.note(7, zero + 80s, 3s);
    CHECK(board.of(7)->since == zero + 77s);
    CHECK(board.of(7)->back == zero + 77s);
    CHECK(board.of(7)->last == zero + 80s);
}
