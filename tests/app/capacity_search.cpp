#include "app/capacity_search.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <vector>

using namespace vsim;
using app::capacity_search;
using sizes = std::vector<std::uint32_t>;

namespace {

struct answer {
    bool is_accepted;
    bool is_borderline = false;
};
using server = std::function<answer(capacity_search::step)>;

sizes walk(capacity_search& search, const server& s) {
    sizes tried;
    for (auto step = search.next(); step; step = search.next()) {
        tried.push_back(step->agents);
        const auto a = s(*step);
        search.record(a.is_accepted, a.is_borderline);
        REQUIRE(tried.size() < 1000);
    }
    return tried;
}

server with_limit(std::uint32_t limit) {
    return [limit](auto step) -> answer { return {step.agents <= limit}; };
}

} // namespace

TEST_CASE("sizes double until one is rejected, then the gap is halved to the resolution") {
    capacity_search search{100, 10'000, 0.05};
    CHECK(
        walk(search, with_limit(1000)) == sizes{100, 200, 400, 800, 1600, 1200, 1000, 1100, 1050}
    );
    CHECK(search.largest_accepted() == 1000);
    CHECK(search.smallest_rejected() == 1050);
}

TEST_CASE("a server that takes everything is asked for --to and no more") {
    capacity_search search{100, 1000, 0.05};
    CHECK(walk(search, with_limit(5000)) == sizes{100, 200, 400, 800, 1000});
    CHECK(search.largest_accepted() == 1000);
    CHECK_FALSE(search.smallest_rejected());
}

TEST_CASE("a server that takes nothing is asked once") {
    capacity_search search{100, 1000, 0.05};
    CHECK(walk(search, with_limit(5)) == sizes{100});
    CHECK_FALSE(search.largest_accepted());
    CHECK(search.smallest_rejected() == 100);
}

TEST_CASE("one size is a search, too") {
    for (const std::uint32_t limit : {5U, 15U}) {
        capacity_search search{10, 10, 0.05};
        CHECK(walk(search, with_limit(limit)) == sizes{10});
        CHECK(search.largest_accepted().has_value() == (limit == 15));
    }
}

TEST_CASE("small fleets are told apart to the single agent") {
    for (std::uint32_t limit = 5; limit < 40; ++limit) {
        capacity_search search{5, 40, 0.01};
        const auto tried = walk(search, with_limit(limit));
        CHECK(search.largest_accepted() == limit);
        CHECK(search.smallest_rejected() == limit + 1);
        CHECK(tried.size() <= app::most_steps(5, 40, 0.01));
    }
}

TEST_CASE("whatever the limit, the answer is right to the resolution in no more steps than said") {
    for (const double resolution : {0.01, 0.05, 0.5}) {
        const auto most = app::most_steps(100, 10'000, resolution);
        CHECK(most < 20);
        for (std::uint32_t limit = 100; limit < 10'000; limit += 7) {
            capacity_search search{100, 10'000, resolution};
            const auto tried = walk(search, with_limit(limit));
            const auto good = *search.largest_accepted();
            CHECK(good <= limit);
            CHECK(*search.smallest_rejected() > limit);
            CHECK(*search.smallest_rejected() - good <= std::max(1.0, resolution * good));
            CHECK(tried.size() <= most);
        }
    }
}

TEST_CASE("a step too near a limit is made once more, and that decides") {
    SUBCASE("accepted after all") {
        capacity_search search{100, 200, 0.05};
        int made = 0;
        const auto tried = walk(search, [&made](auto step) -> answer {
            if (step.agents < 200) {
                return {true};
            }
            ++made;
            return made == 1 ? answer{false, true} : answer{true, true};
        });
        CHECK(tried == sizes{100, 200, 200});
        CHECK(search.largest_accepted() == 200);
        CHECK_FALSE(search.smallest_rejected());
    }
    SUBCASE("rejected after all") {
        capacity_search search{100, 200, 0.6};
        const auto tried = walk(search, [](auto step) -> answer {
            return {step.agents < 200 || !step.is_repeat, step.agents == 200};
        });
        CHECK(tried == sizes{100, 200, 200, 150});
        CHECK(search.largest_accepted() == 150);
        CHECK(search.smallest_rejected() == 200);
    }
    SUBCASE("record says whether it decided") {
        capacity_search search{1, 1, 0.05};
        CHECK(search.next() == capacity_search::step{1, false});
        CHECK_FALSE(search.record(true, true));
        CHECK(search.next() == capacity_search::step{1, true});
        CHECK(search.record(true, true));
        CHECK_FALSE(search.next());
    }
}

TEST_CASE("a noisy limit bends the answer, never the order, and the search ends") {
    std::mt19937 dice{7};
    for (int i = 0; i < 200; ++i) {
        capacity_search search{100, 10'000, 0.05};
        const auto tried = walk(search, [&dice](auto step) -> answer {
            const auto limit = std::uniform_int_distribution<std::uint32_t>{900, 1100}(dice);
            return {step.agents <= limit, step.agents > 800 && step.agents < 1200};
        });
        CHECK(*search.largest_accepted() < *search.smallest_rejected());
        CHECK(*search.largest_accepted() >= 800);
        CHECK(*search.smallest_rejected() <= 1200);
        CHECK(tried.size() <= 2 * app::most_steps(100, 10'000, 0.05));
    }
}

TEST_CASE("the largest fleets do not overflow") {
    capacity_search search{1'000'000'000, 4'000'000'000, 0.05};
    walk(search, with_limit(3'999'999'999));
    CHECK(*search.smallest_rejected() == 4'000'000'000);
}
