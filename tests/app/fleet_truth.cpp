#include "app/fleet_truth.hpp"

#include "agent/past.hpp"
#include "model/incident.hpp"
#include "util/random.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 5;
constexpr std::uint32_t first_index = 1000; // as of a shard
const auto now = util::from_unix_seconds(1'795'521'600) + 350ms;

std::vector<agent::identity> agents(std::uint32_t count) {
    std::vector<agent::identity> who;
    for (std::uint32_t n = 0; n < count; ++n) {
        const auto text = std::to_string(n);
        who.push_back({first_index + n, "agent-" + text, "id-" + text, "token"});
    }
    return who;
}

// The sample that an agent sends for `at` by its own clock, while all kinds of incident strike.
viewer::speeds
sent(std::uint32_t index, const agent::group& kind, util::wall_time at, util::milliseconds every) {
    std::vector<model::incident> all;
    for (const auto k :
         {model::incident_kind::cpu,
          model::incident_kind::memory,
          model::incident_kind::disk,
          model::incident_kind::ping}) {
        all.push_back({k, now - 1h, now + 1h, 1});
    }
    const model::incident_plan plan{seed, std::move(all)};
    const agent::subject who{seed, index, every, {&kind.machine, nullptr, &plan, kind.clock_skew}};
    const auto s = who.machine(*model::target_set::built_in(3)).sample(at, every);
    return {s.network.rx_speed, s.network.tx_speed};
}

} // namespace

TEST_CASE("samples of a mixed fleet are identified whatever befalls their machines") {
    agent::group quick, ahead, behind, large;
    quick.share = ahead.share = behind.share = large.share = 0.2;
    quick.interval = 500ms;
    ahead.clock_skew = 90s;
    behind.clock_skew = -3h;
    behind.interval = 10s;
    large.machine.payload = 4000;
    const agent::mix kinds{{quick, ahead, behind, large}};
    const agent::report_board board{agents(400)};
    const app::fleet_truth truth{agents(400), seed, 3s, kinds, board};
    std::size_t wrong = 0, alike = 0;
    for (std::uint32_t n = 0; n < 400; ++n) {
        const auto index = first_index + n;
        const auto& kind = kinds.of(seed, index);
        const auto every = kind.interval.value_or(3s);
        const model::schedule due{seed, index, every};
        const auto newest = due.at_or_before(now + kind.clock_skew);
        for (const int back : {0, 1, 2, 10}) {
            const auto at = newest - back * every;
            const auto found = truth.identify(n, sent(index, kind, at, every), now);
            if (found && *found > at - kind.clock_skew && every < 879ms) {
                ++alike; // within the model's finest step
                CHECK(*found < at - kind.clock_skew + 879ms);
            } else if (found != at - kind.clock_skew) {
                ++wrong;
            }
        }
        // The next one has not been taken yet; one of long ago is nobody's any more.
        CHECK(!truth.identify(n, sent(index, kind, newest + every, every), now));
        CHECK(!truth.identify(n, sent(index, kind, newest - 60 * every - 2min, every), now));
    }
    CHECK(wrong == 0);
    CHECK(alike < 20);
}

TEST_CASE("agents are known by their ids, and what they sent by the board") {
    const agent::mix kinds;
    agent::report_board board{agents(3)};
    const app::fleet_truth truth{agents(3), seed, 3s, kinds, board};
    CHECK(truth.size() == 3);
    CHECK(truth.find("id-2") == 2);
    CHECK(truth.id(2) == "id-2");
    CHECK(truth.name(2) == "agent-2");
    CHECK(!truth.find("id-3"));
    CHECK(!truth.reported(2));
    board.note(first_index + 2, now - 3s, 3s);
    board.note(first_index + 2, now, 3s);
    REQUIRE(truth.reported(2));
    CHECK(truth.reported(2)->last == now);
    CHECK(truth.reported(2)->since == now - 3s);
    CHECK(truth.reported(2)->interval == 3s);
}
