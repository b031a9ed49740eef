#pragma once
// Agent → server messages of protocol.md 2.3: each is one JSON object with a string "type".
// Reentrant.

#include "proto/bucket.hpp"
#include "proto/metrics.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vsim::proto {

struct auth_request { // "auth"
    std::string server_id, token;
    std::string version; // opt
    bool operator==(const auth_request&) const = default;
};

struct metrics_message { // "metrics"
    std::optional<system_metrics> metrics;
    bool operator==(const metrics_message&) const = default;
};

struct granularity_data {
    std::string granularity;   // a name of proto::granularities; the server skips others silently
    std::int64_t interval = 0; // seconds; ignored by the server
    std::vector<metric_bucket> metrics;
    std::vector<ping_bucket> ping; // opt
    bool operator==(const granularity_data&) const = default;
};

struct aggregated_message { // "aggregated_metrics"
    std::vector<granularity_data> granularities;
    std::optional<system_metrics> last_metrics;
    bool operator==(const aggregated_message&) const = default;
};

struct batch_item {
    std::string
        timestamp; // RFC 3339; overrides metrics.timestamp; checked by the server item by item
    std::optional<system_metrics> metrics;
    bool operator==(const batch_item&) const = default;
};

struct batch_aggregate {
    std::string start_time, end_time; // RFC 3339, checked by the server item by item
    std::int64_t sample_count = 0;
    double cpu_avg = 0, cpu_max = 0, memory_avg = 0, memory_max = 0, disk_avg = 0, disk_max = 0;
    std::uint64_t net_rx_max = 0, net_tx_max = 0;
    double load_one_avg = 0, load_five_avg = 0, load_fifteen_avg = 0;
    std::uint64_t uptime_max = 0;
    double ping_avg = 0;
    std::optional<system_metrics> last_metrics;
    bool operator==(const batch_aggregate&) const = default;
};

struct batch_message { // "batch_metrics"
    std::string batch_id;
    std::vector<batch_item> metrics_batch;                  // opt
    std::vector<std::optional<batch_aggregate>> aggregated; // opt; null elements are "rejected"
    bool operator==(const batch_message&) const = default;
};

// An object whose "type" is missing or none of ours: the server ignores it silently.
struct unknown_message {
    std::string type;
    bool operator==(const unknown_message&) const = default;
};

using agent_message =
    std::variant<auth_request, metrics_message, aggregated_message, batch_message, unknown_message>;

} // namespace vsim::proto
