#pragma once
// What the administrator sets and is told of groups, the site, GeoIP and traffic (protocol.md 1.8,
// 1.9, 9.5), as bodies of REST calls and parts of dashboards' messages. Reentrant.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vsim::proto {

struct named_item { // a group, or an option of a dimension
    std::string id, name;
    std::int64_t sort_order = 0;
    bool operator==(const named_item&) const = default;
};
struct group_dimension {
    std::string id, name, key;
    bool enabled = false;
    std::int64_t sort_order = 0;
    std::vector<named_item> options;
    bool operator==(const group_dimension&) const = default;
};
// Of a POST, which makes one of what is there, and of a PUT, which changes what is there.
struct item_patch {
    std::optional<std::string> name;
    std::optional<std::int64_t> sort_order;
    bool operator==(const item_patch&) const = default;
};
struct dimension_patch {
    std::optional<std::string> name, key;
    std::optional<bool> enabled;
    std::optional<std::int64_t> sort_order;
    bool operator==(const dimension_patch&) const = default;
};

struct social_link {
    std::string platform, url, label;
    bool operator==(const social_link&) const = default;
};
struct background_settings {
    std::string type;
    std::string custom_url, unsplash_query, solid_color; // opt
    std::int64_t blur = 0, opacity = 0;                  // opt
    bool operator==(const background_settings&) const = default;
};
struct theme_settings {
    std::string theme_id;
    std::optional<background_settings> background; // opt
    bool operator==(const theme_settings&) const = default;
};
struct site_settings {
    std::string site_name, site_description;
    std::optional<std::vector<social_link>> social_links; // null when they were not put
    std::optional<theme_settings> theme;                  // opt
    bool operator==(const site_settings&) const = default;
};
struct site_broadcast { // "site_settings" to every dashboard
    site_settings site;
    bool operator==(const site_broadcast&) const = default;
};
struct themes_reply {
    std::vector<std::string> installed; // none ever: installing one would download it
    std::string current;
    bool operator==(const themes_reply&) const = default;
};

struct geoip_settings {
    std::string provider, mmdb_path, ipinfo_token;
    bool auto_update = false;
    std::int64_t update_interval_hr = 0;
    bool operator==(const geoip_settings&) const = default;
};
struct geoip_view { // the settings as they are shown
    bool auto_update = false;
    std::string ipinfo_token, last_update;
    bool mmdb_loaded = false;
    std::string mmdb_path, provider;
    std::int64_t update_interval_hr = 0;
    bool operator==(const geoip_view&) const = default;
};

struct update_request {
    std::string download_url;
    bool force = false;
    bool operator==(const update_request&) const = default;
};
struct update_reply {
    bool success = false;
    std::string message;
    bool operator==(const update_reply&) const = default;
};

struct traffic_limit_request {
    std::string server_id;
    double monthly_limit_gb = 0;
    std::string threshold_type; // sum, max, up, down
    std::int64_t reset_day = 0; // 1..28
    float warning = 0;          // percent
    bool operator==(const traffic_limit_request&) const = default;
};
struct traffic_limits_request {
    std::vector<traffic_limit_request> limits;
    bool operator==(const traffic_limits_request&) const = default;
};
struct traffic_limit { // as listed
    std::string server_id;
    double monthly_gb = 0;
    std::string type;
    std::int64_t reset_day = 0; // opt
    float warning = 0;          // opt
    bool operator==(const traffic_limit&) const = default;
};
struct traffic_reset_request {
    std::string server_id;
    bool reset_to_zero = false;
    bool operator==(const traffic_reset_request&) const = default;
};
// Times are RFC 3339 texts, because one that was never set is of the year 1. A GB is 2^30 bytes.
struct traffic_stats {
    std::string server_id, server_name; // the name: opt
    std::string period_start, period_end;
    std::int64_t reset_day = 1;
    std::uint64_t tx_bytes = 0, rx_bytes = 0;
    double tx_bytes_gb = 0, rx_bytes_gb = 0;
    std::uint64_t total_bytes = 0;
    double total_bytes_gb = 0, monthly_limit_gb = 0;
    std::string threshold_type;
    double usage_percent = 0;
    std::string last_updated;
    std::uint64_t baseline_tx = 0, baseline_rx = 0; // opt
    std::string baseline_time;
    bool operator==(const traffic_stats&) const = default;
};
struct traffic_summary {
    std::int64_t total_servers = 0, servers_with_limit = 0, over_limit_count = 0, warning_count = 0;
    std::vector<traffic_stats> stats;
    bool operator==(const traffic_summary&) const = default;
};
struct traffic_period { // one that has ended
    std::int64_t id = 0;
    std::string server_id, period_start, period_end;
    std::uint64_t tx_bytes = 0, rx_bytes = 0;
    double tx_bytes_gb = 0, rx_bytes_gb = 0;
    std::uint64_t total_bytes = 0;
    double total_bytes_gb = 0, monthly_limit_gb = 0, usage_percent = 0;
    std::string created_at;
    bool operator==(const traffic_period&) const = default;
};
struct traffic_periods {
    std::vector<traffic_period> records;
    std::int64_t total = 0;
    bool operator==(const traffic_periods&) const = default;
};
struct traffic_day {
    std::string date; // YYYY-MM-DD
    double tx_bytes_gb = 0, rx_bytes_gb = 0, total_gb = 0;
    bool operator==(const traffic_day&) const = default;
};
struct traffic_days {
    std::string server_id, server_name, period; // the period: always empty
    std::vector<traffic_day> daily;
    double total_tx_gb = 0, total_rx_gb = 0, total_gb = 0, limit_gb = 0;
    bool operator==(const traffic_days&) const = default;
};

} // namespace vsim::proto
