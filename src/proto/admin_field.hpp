#pragma once
// The field tables of admin.hpp. Reentrant.

#include "proto/admin.hpp"
#include "proto/field_table.hpp"

namespace vsim::proto {

// clang-format off
template <> struct fields<named_item> {
    using t = named_item;
    static constexpr auto list = std::tuple(
        always("id", &t::id), always("name", &t::name), always("sort_order", &t::sort_order));
};
template <> struct fields<group_dimension> {
    using t = group_dimension;
    static constexpr auto list = std::tuple(
        always("id", &t::id), always("name", &t::name), always("key", &t::key),
        always("enabled", &t::enabled), always("sort_order", &t::sort_order),
        always("options", &t::options));
};
template <> struct fields<item_patch> {
    using t = item_patch;
    static constexpr auto list =
        std::tuple(opt("name", &t::name), opt("sort_order", &t::sort_order));
};
template <> struct fields<dimension_patch> {
    using t = dimension_patch;
    static constexpr auto list = std::tuple(
        opt("name", &t::name), opt("key", &t::key), opt("enabled", &t::enabled),
        opt("sort_order", &t::sort_order));
};

template <> struct fields<social_link> {
    using t = social_link;
    static constexpr auto list = std::tuple(
        always("platform", &t::platform), always("url", &t::url), always("label", &t::label));
};
template <> struct fields<background_settings> {
    using t = background_settings;
    static constexpr auto list = std::tuple(
        always("type", &t::type), opt("custom_url", &t::custom_url),
        opt("unsplash_query", &t::unsplash_query), opt("solid_color", &t::solid_color),
        opt("blur", &t::blur), opt("opacity", &t::opacity));
};
template <> struct fields<theme_settings> {
    using t = theme_settings;
    static constexpr auto list =
        std::tuple(always("theme_id", &t::theme_id), opt("background", &t::background));
};
template <> struct fields<site_settings> {
    using t = site_settings;
    static constexpr auto list = std::tuple(
        always("site_name", &t::site_name), always("site_description", &t::site_description),
        always("social_links", &t::social_links), opt("theme", &t::theme));
};
template <> struct fields<site_broadcast> {
    static constexpr auto list = std::tuple(always("site_settings", &site_broadcast::site));
};
template <> struct fields<themes_reply> {
    using t = themes_reply;
    static constexpr auto list =
        std::tuple(always("installed", &t::installed), always("current", &t::current));
};

template <> struct fields<geoip_settings> {
    using t = geoip_settings;
    static constexpr auto list = std::tuple(
        always("provider", &t::provider), opt("mmdb_path", &t::mmdb_path),
        opt("ipinfo_token", &t::ipinfo_token), always("auto_update", &t::auto_update),
        opt("update_interval_hr", &t::update_interval_hr));
};
// From a map: sorted.
template <> struct fields<geoip_view> {
    using t = geoip_view;
    static constexpr auto list = std::tuple(
        always("auto_update", &t::auto_update), always("ipinfo_token", &t::ipinfo_token),
        always("last_update", &t::last_update), always("mmdb_loaded", &t::mmdb_loaded),
        always("mmdb_path", &t::mmdb_path), always("provider", &t::provider),
        always("update_interval_hr", &t::update_interval_hr));
};

template <> struct fields<update_request> {
    using t = update_request;
    static constexpr auto list =
        std::tuple(opt("download_url", &t::download_url), opt("force", &t::force));
};
template <> struct fields<update_reply> {
    using t = update_reply;
    static constexpr auto list =
        std::tuple(always("success", &t::success), always("message", &t::message));
};

template <> struct fields<traffic_limit_request> {
    using t = traffic_limit_request;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("monthly_limit_gb", &t::monthly_limit_gb),
        always("threshold_type", &t::threshold_type), always("reset_day", &t::reset_day),
        always("warning", &t::warning));
};
template <> struct fields<traffic_limits_request> {
    static constexpr auto list = std::tuple(always("limits", &traffic_limits_request::limits));
};
template <> struct fields<traffic_limit> {
    using t = traffic_limit;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("monthly_gb", &t::monthly_gb),
        always("type", &t::type), opt("reset_day", &t::reset_day), opt("warning", &t::warning));
};
template <> struct fields<traffic_reset_request> {
    using t = traffic_reset_request;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("reset_to_zero", &t::reset_to_zero));
};
template <> struct fields<traffic_stats> {
    using t = traffic_stats;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), opt("server_name", &t::server_name),
        always("period_start", &t::period_start), always("period_end", &t::period_end),
        always("reset_day", &t::reset_day), always("tx_bytes", &t::tx_bytes),
        always("rx_bytes", &t::rx_bytes), always("tx_bytes_gb", &t::tx_bytes_gb),
        always("rx_bytes_gb", &t::rx_bytes_gb), always("total_bytes", &t::total_bytes),
        always("total_bytes_gb", &t::total_bytes_gb),
        always("monthly_limit_gb", &t::monthly_limit_gb),
        always("threshold_type", &t::threshold_type), always("usage_percent", &t::usage_percent),
        always("last_updated", &t::last_updated), opt("baseline_tx", &t::baseline_tx),
        opt("baseline_rx", &t::baseline_rx), always("baseline_time", &t::baseline_time));
};
template <> struct fields<traffic_summary> {
    using t = traffic_summary;
    static constexpr auto list = std::tuple(
        always("total_servers", &t::total_servers),
        always("servers_with_limit", &t::servers_with_limit),
        always("over_limit_count", &t::over_limit_count),
        always("warning_count", &t::warning_count), always("stats", &t::stats));
};
template <> struct fields<traffic_period> {
    using t = traffic_period;
    static constexpr auto list = std::tuple(
        always("id", &t::id), always("server_id", &t::server_id),
        always("period_start", &t::period_start), always("period_end", &t::period_end),
        always("tx_bytes", &t::tx_bytes), always("rx_bytes", &t::rx_bytes),
        always("tx_bytes_gb", &t::tx_bytes_gb), always("rx_bytes_gb", &t::rx_bytes_gb),
        always("total_bytes", &t::total_bytes), always("total_bytes_gb", &t::total_bytes_gb),
        always("monthly_limit_gb", &t::monthly_limit_gb),
        always("usage_percent", &t::usage_percent), always("created_at", &t::created_at));
};
template <> struct fields<traffic_periods> {
    using t = traffic_periods;
    static constexpr auto list =
        std::tuple(always("records", &t::records), always("total", &t::total));
};
template <> struct fields<traffic_day> {
    using t = traffic_day;
    static constexpr auto list = std::tuple(
        always("date", &t::date), always("tx_bytes_gb", &t::tx_bytes_gb),
        always("rx_bytes_gb", &t::rx_bytes_gb), always("total_gb", &t::total_gb));
};
template <> struct fields<traffic_days> {
    using t = traffic_days;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("server_name", &t::server_name),
        always("period", &t::period), always("daily", &t::daily),
        always("total_tx_gb", &t::total_tx_gb), always("total_rx_gb", &t::total_rx_gb),
        always("total_gb", &t::total_gb), always("limit_gb", &t::limit_gb));
};
// clang-format on

} // namespace vsim::proto
