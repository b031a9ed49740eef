#pragma once
// What vStats would drop, misplace or count twice without a word (protocol.md 2.2, 2.8, 3, 4),
// found by looking at one message and at what is remembered of its server. Told the time, does no
// I/O. Reentrant.

#include "proto/agent_msg.hpp"
#include "proto/bucket.hpp"
#include "util/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vsim::server {

enum class oddity : std::uint8_t {
    undecodable,
    unknown_type,
    before_auth,
    empty_auth,
    without_metrics,
    unknown_granularity,
    timestamp_bucket,
    future_bucket,
    expired_bucket,
    impossible_count,
    falling_counter,
    huge_counter,
    duplicate_sample,
    not_utc,
    batch_rejected,
    batch_lost,
    batch_skipped,
    count_
};
inline constexpr std::size_t oddity_count = static_cast<std::size_t>(oddity::count_);
std::string_view describe(oddity o); // "messages that could not be decoded"

// What one message showed: how often, and an example or two of each kind in words.
struct sightings {
    static constexpr std::uint64_t most_examples = 3; // of a kind

    std::array<std::uint64_t, oddity_count> counts{};
    std::vector<std::pair<oddity, std::string>> examples;

    template <class MakeText>
    void add(oddity o, MakeText text) {
        if (counts[static_cast<std::size_t>(o)]++ < most_examples) {
            examples.emplace_back(o, text());
        }
    }
    bool operator==(const sightings&) const = default;
};

// What is remembered of one server. Starts empty.
struct server_memory {
    struct totals {
        std::int64_t when = 0; // nanoseconds, or a bucket
        std::uint64_t rx = 0, tx = 0;
    };
    std::optional<totals> sample; // the newest
    std::array<std::optional<totals>, proto::granularity_count> buckets;
    std::array<util::wall_time, 32> latest{}; // times of samples, in turn
    std::size_t samples = 0;
    double samples_per_second = 0; // the most that a bucket which is over held, in this session
    double earlier_per_second = 0; // in those before
    std::int64_t session_start = 0;
};

// The agent introduced itself again: it may sample more often from now on.
void begin_session(server_memory&, util::wall_time now);

// Of an authenticated agent's message that could be decoded. Samples of batches are not looked up
// for duplicates: the server does that itself, and says what it skipped.
void inspect(const proto::metrics_message& m, server_memory&, util::wall_time now, sightings&);
void inspect(const proto::aggregated_message& m, server_memory&, util::wall_time now, sightings&);
void inspect(const proto::batch_message& m, server_memory&, util::wall_time now, sightings&);

} // namespace vsim::server
