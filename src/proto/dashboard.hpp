#pragma once
// Server → dashboard messages on /ws (protocol.md 7), also the elements of /api/metrics/all.
// Reentrant.

#include "proto/metrics.hpp"
#include "proto/rest.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vsim::proto {

struct server_view {
    std::string server_id, server_name, location, provider, tag, version, ip;
    bool online = false;
    std::optional<system_metrics> metrics; // null when the server has none
    bool operator==(const server_view&) const = default;
};

struct site_settings {
    std::string site_name = "vStats Dashboard";
    std::string site_description = "Real-time Server Monitoring";
    bool operator==(const site_settings&) const = default; // social_links is always [] here
};

struct stream_init {
    std::int64_t total_servers = 0;
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
