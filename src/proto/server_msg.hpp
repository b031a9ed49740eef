#pragma once
// Server → agent messages of protocol.md 2.4 and 2.7. Reentrant.

#include "util/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vsim::proto {

struct probe_target {
    std::string name, host;
    std::string type;      // opt, "icmp" (default) or "tcp"
    std::int64_t port = 0; // opt
    bool operator==(const probe_target&) const = default;
};

struct traffic_config {
    double monthly_limit_gb = 0;
    std::int64_t reset_day = 1;
    std::string threshold_type;
    bool operator==(const traffic_config&) const = default;
};

struct auth_reply {                                        // "auth"
    std::string status;                                    // "ok" or "error"
    std::string message;                                   // opt, with "error"
    std::optional<std::vector<probe_target>> ping_targets; // absent when the server has none
    std::optional<struct traffic_config> traffic;          // "traffic_config"
    std::optional<util::zoned_instant> last_seen;
    std::map<std::string, std::int64_t> last_buckets; // opt; granularity name → newest index
    bool ok() const { return status == "ok"; }
    bool operator==(const auth_reply&) const = default;
};

struct error_reply { // "error"
    std::string message;
    bool operator==(const error_reply&) const = default;
};

struct batch_ack { // "batch_ack"
    std::string batch_id;
    std::int64_t accepted = 0, rejected = 0;
    bool operator==(const batch_ack&) const = default;
};

// Settings changed at run time. `ping_targets`: absent = unchanged; [] or null = clear.
struct config_push { // "config"
    std::optional<std::vector<probe_target>> ping_targets;
    std::optional<struct traffic_config> traffic;
    bool operator==(const config_push&) const = default;
};

struct command_push { // "command"
    std::string command;
    std::string download_url; // opt
    bool force = false;       // opt
    bool operator==(const command_push&) const = default;
};

struct unknown_reply {
    std::string type;
    bool operator==(const unknown_reply&) const = default;
};

using server_message =
    std::variant<auth_reply, error_reply, batch_ack, config_push, command_push, unknown_reply>;

} // namespace vsim::proto
