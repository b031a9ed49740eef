#pragma once
// Bodies of the REST calls of protocol.md 1 that this program makes or serves. Reentrant.

#include "proto/server_msg.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vsim::proto {

struct error_body {
    std::string error;
    bool operator==(const error_body&) const = default;
};

struct version_reply {
    std::string version, channel;
    bool operator==(const version_reply&) const = default;
};

struct login_request {
    std::string password;
    bool operator==(const login_request&) const = default;
};
struct login_reply {
    std::string token, expires_at;
    bool operator==(const login_reply&) const = default;
};

struct verify_reply {
    std::string status; // "valid"
    bool operator==(const verify_reply&) const = default;
};

// What a user may set of a server (create, import); every optional part is left out when empty.
struct server_fields {
    std::string name, url, location, provider, tag;
    std::string group_id;                            // opt
    std::map<std::string, std::string> group_values; // opt; dimension id → option id
    std::string price_amount, price_period, price_currency, purchase_date, expiry_date; // opt
    bool auto_renew = false;                                                            // opt
    std::string tip_badge, notes, sale_status, sale_contact_url;                        // opt
    bool operator==(const server_fields&) const = default;
};

// As stored and listed. The tokens are public in vStats (protocol.md 1.1).
struct server_object {
    std::string id;
    server_fields fields; // flattened into the same JSON object
    std::string token, version, ip;
    bool operator==(const server_object&) const = default;
};

// PUT: only what is present changes.
struct server_patch {
    std::optional<std::string> name, location, provider, tag, group_id, price_amount, price_period,
        price_currency, purchase_date, expiry_date, tip_badge, notes, sale_status, sale_contact_url;
    std::optional<std::map<std::string, std::string>> group_values;
    std::optional<bool> auto_renew;
    bool operator==(const server_patch&) const = default;
};

struct import_reply {
    std::int64_t success = 0, failed = 0;
    std::vector<std::string> errors;
    std::vector<std::string> server_ids; // in the order of the accepted rows
    bool operator==(const import_reply&) const = default;
};

struct register_request {
    std::string name, location, provider;
    bool operator==(const register_request&) const = default;
};
struct register_reply {
    std::string id, token;
    bool operator==(const register_reply&) const = default;
};

struct probe_settings {
    std::optional<std::vector<probe_target>>
        ping_targets; // null is stored as null (protocol.md 1.7)
    bool operator==(const probe_settings&) const = default;
};

struct history_point {
    std::string timestamp; // YYYY-MM-DDTHH:MM:SSZ, bucket start
    float cpu = 0, memory = 0, disk = 0;
    std::int64_t net_rx = 0, net_tx = 0;
    std::optional<double> ping_ms; // left out when nothing was measured
    bool operator==(const history_point&) const = default;
};
struct history_ping_point {
    std::string timestamp;
    std::optional<double> latency_ms; // null when nothing answered
    std::string status;               // "ok" or "error"
    bool operator==(const history_ping_point&) const = default;
};
struct history_target {
    std::string name, host;
    std::vector<history_ping_point> data;
    bool operator==(const history_target&) const = default;
};
struct history_reply {
    std::string server_id, range;
    std::optional<std::vector<history_point>> data; // null when there is nothing
    std::vector<history_target> ping_targets;       // opt
    std::optional<std::int64_t> last_bucket;        // left out where the range has none
    bool incremental = false;                       // opt
    bool operator==(const history_reply&) const = default;
};

struct online_users_reply {
    std::int64_t count = 0;
    bool operator==(const online_users_reply&) const = default;
};

} // namespace vsim::proto
