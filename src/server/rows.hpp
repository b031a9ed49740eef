#pragma once
// What a realtime sample or a batch item means for the tables (protocol.md 2.8, 4): pure functions
// from messages to rows. Reentrant.

#include "proto/agent_msg.hpp"
#include "proto/bucket.hpp"
#include "proto/metrics.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::server {

using metrics_ptr = std::shared_ptr<const proto::system_metrics>;

// One row of metrics_raw, and what it adds to the 5 s and the 2 min bucket it falls into.
struct sample_row {
    std::int64_t unix_seconds = 0;
    std::string timestamp; // whole seconds, in the zone it was sent in
    double cpu = 0, memory = 0, disk = 0;
    std::uint64_t net_rx = 0, net_tx = 0;
    double load_1 = 0, load_5 = 0, load_15 = 0;
    std::optional<double> ping_ms; // mean over the targets that answered
};
sample_row sample_of(const proto::system_metrics& m);

// A row of one of the ping tables. Its texts are borrowed from the message.
struct ping_row {
    std::int64_t bucket = 0;
    std::string_view name, host;
    double latency_sum = 0, latency_max = 0;
    std::int64_t latency_count = 0, ok_count = 0, fail_count = 0;
};
ping_row ping_of(const proto::ping_target_result& t, std::int64_t bucket);
ping_row ping_of(const proto::ping_aggregate& a);
ping_row ping_of(const proto::ping_bucket& b);

// The second that the targets of a realtime sample were pinged in: ping.timestamp, else the
// sample's.
std::int64_t ping_second(const proto::system_metrics& m);

// A counter that no INTEGER column can hold makes the row impossible.
constexpr bool fits(std::uint64_t counter) {
    return counter <= static_cast<std::uint64_t>(INT64_MAX);
}

// A batch_metrics message, checked item by item.
struct batch_summary {
    proto::metric_bucket row; // of metrics_2min
    metrics_ptr last;         // stored as a sample too; may be empty
};
struct batch_content {
    std::vector<metrics_ptr> samples; // stamped with the items' times
    std::vector<batch_summary> summaries;
    std::int64_t accepted = 0, rejected = 0; // as vStats counts them for the acknowledgement
    metrics_ptr newest;                      // what the agent now shows; may be empty
};
batch_content take_batch(proto::batch_message&& m);

} // namespace vsim::server
