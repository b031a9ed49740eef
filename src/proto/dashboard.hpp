#pragma once
// Server → dashboard messages on /ws (protocol.md 7), also the elements of /api/metrics/all.
// Reentrant.

#include "proto/admin.hpp"
#include "proto/metrics.hpp"
#include "proto/rest.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vsim::proto {

struct server_view {
    std::string server_id, server_name, location, provider, tag, version, ip;
    bool online = false;
    std::optional<system_metrics> metrics; // null when the server has none
    // As in server_fields, left out when empty.
    std::string group_id;
    std::map<std::string, std::string> group_values;
    std::string price_amount, price_period, price_currency, purchase_date, expiry_date;
    bool auto_renew = false;
    std::string tip_badge, notes, sale_status, sale_contact_url;
    bool operator==(const server_view&) const = default;
};

struct stream_init {
    std::int64_t total_servers = 0;
    std::vector<named_item> groups;          // opt
    std::vector<group_dimension> dimensions; // opt; "group_dimensions"
    site_settings site;
    bool operator==(const stream_init&) const = default;
};
struct stream_server {
    std::int64_t index = 0, total = 0;
    server_view server;
    bool operator==(const stream_server&) const = default;
};
struct stream_end {
    bool operator==(const stream_end&) const = default;
};

// Percentages truncated to 0..255, speeds exact; present = changed since the last delta of that
// server.
struct delta_metrics {
    std::optional<std::uint8_t> c, m, d;
    std::optional<std::uint64_t> rx, tx;
    bool operator==(const delta_metrics&) const = default;
};
struct delta_entry {
    std::string id;
    std::optional<bool> on;
    std::optional<delta_metrics> m;
    bool operator==(const delta_entry&) const = default;
};
struct delta {
    std::int64_t ts = 0; // unix seconds at the server
    std::vector<delta_entry> d;
    bool operator==(const delta&) const = default;
};

struct unknown_broadcast {
    std::string type;
    bool operator==(const unknown_broadcast&) const = default;
};

using dashboard_message =
    std::variant<stream_init, stream_server, stream_end, delta, unknown_broadcast>;

} // namespace vsim::proto
