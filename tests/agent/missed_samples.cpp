#include "agent/missed_samples.hpp"

#include "proto/decode.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <variant>

using namespace vsim;
using namespace std::chrono_literals;

namespace {

const auto now = util::from_unix_seconds(1'795'492'055);
const auto sent = util::steady_time{} + 1h;
const agent::subject who{7, 3, 3000ms, {}};
const agent::past lived{now - 48h, now, {{now - 48h, model::target_set::built_in(5)}}};

proto::batch_message decoded(const std::string& text) {
    auto m = proto::decode_agent_message(text);
    REQUIRE(m.has_value());
    REQUIRE(std::holds_alternative<proto::batch_message>(*m));
    return std::get<proto::batch_message>(*std::move(m));
}

} // namespace

TEST_CASE("every sample that was missed is in one batch, and none of the others") {
    agent::missed_samples missed{who.samples(), now - 10min, now};
    std::set<std::string> times, ids;
    while (!missed.is_empty()) {
        const auto m = decoded(missed.next(who, lived, "one", sent));
        CHECK(m.metrics_batch.size() <= 50);
        CHECK(m.aggregated.empty());
        ids.insert(m.batch_id);
        for (const auto& item : m.metrics_batch) {
            times.insert(item.timestamp);
            REQUIRE(item.metrics.has_value());
            CHECK(item.metrics->hostname == "one");
            CHECK(util::format_rfc3339(item.metrics->timestamp.at, 3) == item.timestamp);
        }
    }
    CHECK(ids.size() == 4); // of 200
    CHECK(times.size() == static_cast<std::size_t>(who.samples().count(now - 10min, now)));
    CHECK(*times.begin() > util::format_rfc3339(now - 10min, 3));
    CHECK(*times.rbegin() <= util::format_rfc3339(now, 3));
    CHECK(missed.unanswered() == 4);
}

TEST_CASE("no more than a day, and no more than the real agent keeps") {
    std::size_t items = 0;
    for (agent::missed_samples m{who.samples(), now - 40h, now}; !m.is_empty();) {
        items += decoded(m.next(who, lived, "one", sent)).metrics_batch.size();
    }
    CHECK(items == 10'000);
    const agent::subject rare{7, 3, 60'000ms, {}};
    items = 0;
    for (agent::missed_samples m{rare.samples(), now - 40h, now}; !m.is_empty();) {
        items += decoded(m.next(rare, lived, "one", sent)).metrics_batch.size();
    }
    CHECK(items == 24 * 60);
}

TEST_CASE("an acknowledgement tells how long its batch took, once") {
    agent::missed_samples missed{who.samples(), now - 1min, now};
    const auto m = decoded(missed.next(who, lived, "one", sent));
    CHECK(!missed.acknowledge("another", sent + 1s));
    CHECK(missed.acknowledge(m.batch_id, sent + 20ms) == util::nanoseconds{20ms});
    CHECK(!missed.acknowledge(m.batch_id, sent + 30ms));
    CHECK(missed.unanswered() == 0);
}
