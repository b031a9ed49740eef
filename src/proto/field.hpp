#pragma once
// The wire form of every struct, once: a constexpr table of (name, how to reach the member, when it
// is left out). Encode, decode and the tests' value generator all walk these tables. Reentrant.

#include "proto/admin_field.hpp"
#include "proto/agent_msg.hpp"
#include "proto/dashboard.hpp"
#include "proto/field_table.hpp"
#include "proto/rest.hpp"
#include "proto/server_msg.hpp"

#include <functional>
#include <string_view>
#include <tuple>

namespace vsim::proto {

// clang-format off
template <> struct fields<os_info> {
    using t = os_info;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("version", &t::version), always("kernel", &t::kernel),
        always("arch", &t::arch));
};
template <> struct fields<cpu_info> {
    using t = cpu_info;
    static constexpr auto list = std::tuple(
        always("brand", &t::brand), always("cores", &t::cores), always("usage", &t::usage),
        always("frequency", &t::frequency), always("per_core", &t::per_core));
};
template <> struct fields<memory_module> {
    using t = memory_module;
    static constexpr auto list = std::tuple(
        opt("slot", &t::slot), always("size", &t::size), opt("mem_type", &t::mem_type),
        opt("speed", &t::speed), opt("manufacturer", &t::manufacturer));
};
template <> struct fields<memory_info> {
    using t = memory_info;
    static constexpr auto list = std::tuple(
        always("total", &t::total), always("used", &t::used), always("available", &t::available),
        always("swap_total", &t::swap_total), always("swap_used", &t::swap_used),
        always("usage_percent", &t::usage_percent), opt("modules", &t::modules));
};
template <> struct fields<disk_info> {
    using t = disk_info;
    static constexpr auto list = std::tuple(
        always("name", &t::name), opt("model", &t::model), opt("serial", &t::serial),
        always("total", &t::total), opt("disk_type", &t::disk_type),
        opt("mount_points", &t::mount_points), always("usage_percent", &t::usage_percent),
        always("used", &t::used), opt("read_speed", &t::read_speed),
        opt("write_speed", &t::write_speed));
};
template <> struct fields<interface_info> {
    using t = interface_info;
    static constexpr auto list = std::tuple(
        always("name", &t::name), opt("mac", &t::mac), opt("speed", &t::speed),
        always("rx_bytes", &t::rx_bytes), always("tx_bytes", &t::tx_bytes),
        always("rx_packets", &t::rx_packets), always("tx_packets", &t::tx_packets));
};
template <> struct fields<network_info> {
    using t = network_info;
    static constexpr auto list = std::tuple(
        always("interfaces", &t::interfaces), always("total_rx", &t::total_rx),
        always("total_tx", &t::total_tx), always("rx_speed", &t::rx_speed),
        always("tx_speed", &t::tx_speed), opt("daily_rx", &t::daily_rx),
        opt("daily_tx", &t::daily_tx));
};
template <> struct fields<load_average> {
    using t = load_average;
    static constexpr auto list = std::tuple(
        always("one", &t::one), always("five", &t::five), always("fifteen", &t::fifteen));
};
template <> struct fields<ping_target_result> {
    using t = ping_target_result;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("host", &t::host), opt("type", &t::type),
        opt("port", &t::port), always("latency_ms", &t::latency_ms),
        always("packet_loss", &t::packet_loss), always("status", &t::status));
};
template <> struct fields<ping_aggregate> {
    using t = ping_aggregate;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("host", &t::host), always("bucket", &t::bucket),
        always("latency_sum", &t::latency_sum), always("latency_max", &t::latency_max),
        always("latency_count", &t::latency_count), always("ok_count", &t::ok_count),
        always("fail_count", &t::fail_count));
};
template <> struct fields<ping_info> {
    using t = ping_info;
    static constexpr auto list = std::tuple(
        always("targets", &t::targets), opt("timestamp", &t::timestamp),
        opt("agg_2min", &t::agg_2min), opt("agg_15min", &t::agg_15min),
        opt("agg_hourly", &t::agg_hourly), opt("agg_daily", &t::agg_daily));
};
template <> struct fields<gpu_device> {
    using t = gpu_device;
    static constexpr auto list = std::tuple(
        always("index", &t::index), always("name", &t::name), always("vendor", &t::vendor),
        always("memory_total", &t::memory_total), always("memory_used", &t::memory_used),
        always("memory_percent", &t::memory_percent), always("utilization", &t::utilization),
        opt("temperature", &t::temperature), opt("fan_speed", &t::fan_speed),
        opt("power_draw", &t::power_draw), opt("power_limit", &t::power_limit),
        opt("clock_core", &t::clock_core), opt("clock_memory", &t::clock_memory),
        opt("driver_version", &t::driver_version), opt("cuda_version", &t::cuda_version),
        opt("pci_bus", &t::pci_bus), opt("encoder_util", &t::encoder_util),
        opt("decoder_util", &t::decoder_util));
};
template <> struct fields<gpu_info> {
    static constexpr auto list = std::tuple(always("gpus", &gpu_info::gpus));
};
template <> struct fields<system_metrics> {
    using t = system_metrics;
    static constexpr auto list = std::tuple(
        always("timestamp", &t::timestamp), always("hostname", &t::hostname), always("os", &t::os),
        always("cpu", &t::cpu), always("memory", &t::memory), always("disks", &t::disks),
        always("network", &t::network), always("uptime", &t::uptime),
        always("load_average", &t::load), opt("ping", &t::ping), opt("gpu", &t::gpu),
        opt("version", &t::version), opt("ip_addresses", &t::ip_addresses));
};

template <> struct fields<metric_bucket> {
    using t = metric_bucket;
    static constexpr auto list = std::tuple(
        always("bucket", &t::bucket), always("cpu_sum", &t::cpu_sum),
        always("cpu_max", &t::cpu_max), always("memory_sum", &t::memory_sum),
        always("memory_max", &t::memory_max), always("disk_sum", &t::disk_sum),
        always("net_rx", &t::net_rx), always("net_tx", &t::net_tx),
        always("ping_sum", &t::ping_sum), always("ping_count", &t::ping_count),
        always("sample_count", &t::sample_count));
};
template <> struct fields<ping_bucket> {
    using t = ping_bucket;
    static constexpr auto list = std::tuple(
        always("bucket", &t::bucket), always("target_name", &t::target_name),
        always("target_host", &t::target_host), always("latency_sum", &t::latency_sum),
        always("latency_max", &t::latency_max), always("latency_count", &t::latency_count),
        always("ok_count", &t::ok_count), always("fail_count", &t::fail_count));
};
template <> struct fields<granularity_data> {
    using t = granularity_data;
    static constexpr auto list = std::tuple(
        always("granularity", &t::granularity), always("interval", &t::interval),
        always("metrics", &t::metrics), opt("ping", &t::ping));
};
template <> struct fields<auth_request> {
    using t = auth_request;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("token", &t::token),
        opt("version", &t::version));
};
template <> struct fields<metrics_message> {
    static constexpr auto list = std::tuple(opt("metrics", &metrics_message::metrics));
};
template <> struct fields<aggregated_message> {
    using t = aggregated_message;
    static constexpr auto list = std::tuple(
        always("granularities", &t::granularities), opt("last_metrics", &t::last_metrics));
};
template <> struct fields<batch_item> {
    using t = batch_item;
    static constexpr auto list =
        std::tuple(always("timestamp", &t::timestamp), opt("metrics", &t::metrics));
};
template <> struct fields<batch_aggregate> {
    using t = batch_aggregate;
    static constexpr auto list = std::tuple(
        always("start_time", &t::start_time), always("end_time", &t::end_time),
        always("sample_count", &t::sample_count), always("cpu_avg", &t::cpu_avg),
        always("cpu_max", &t::cpu_max), always("memory_avg", &t::memory_avg),
        always("memory_max", &t::memory_max), always("disk_avg", &t::disk_avg),
        always("disk_max", &t::disk_max), always("net_rx_max", &t::net_rx_max),
        always("net_tx_max", &t::net_tx_max), always("load_one_avg", &t::load_one_avg),
        always("load_five_avg", &t::load_five_avg),
        always("load_fifteen_avg", &t::load_fifteen_avg), always("uptime_max", &t::uptime_max),
        always("ping_avg", &t::ping_avg), opt("last_metrics", &t::last_metrics));
};
template <> struct fields<batch_message> {
    using t = batch_message;
    static constexpr auto list = std::tuple(
        always("batch_id", &t::batch_id), opt("metrics_batch", &t::metrics_batch),
        opt("aggregated", &t::aggregated));
};

template <> struct fields<probe_target> {
    using t = probe_target;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("host", &t::host), opt("type", &t::type),
        opt("port", &t::port));
};
template <> struct fields<traffic_config> {
    using t = traffic_config;
    static constexpr auto list = std::tuple(
        always("monthly_limit_gb", &t::monthly_limit_gb), always("reset_day", &t::reset_day),
        always("threshold_type", &t::threshold_type));
};
// In the server's own order: keys sorted, "type" among them (see encode.cpp).
template <> struct fields<auth_reply> {
    using t = auth_reply;
    static constexpr auto list = std::tuple(
        opt("last_buckets", &t::last_buckets), opt("last_seen", &t::last_seen),
        opt("message", &t::message), opt("ping_targets", &t::ping_targets),
        always("status", &t::status), opt("traffic_config", &t::traffic));
};
template <> struct fields<error_reply> {
    static constexpr auto list = std::tuple(always("message", &error_reply::message));
};
template <> struct fields<batch_ack> {
    using t = batch_ack;
    static constexpr auto list = std::tuple(
        always("accepted", &t::accepted), always("batch_id", &t::batch_id),
        always("rejected", &t::rejected));
};
template <> struct fields<config_push> {
    using t = config_push;
    static constexpr auto list =
        std::tuple(opt("ping_targets", &t::ping_targets), opt("traffic_config", &t::traffic));
};
template <> struct fields<command_push> {
    using t = command_push;
    static constexpr auto list = std::tuple(
        always("command", &t::command), opt("download_url", &t::download_url),
        opt("force", &t::force));
};

template <> struct fields<error_body> {
    static constexpr auto list = std::tuple(always("error", &error_body::error));
};
template <> struct fields<version_reply> {
    using t = version_reply;
    static constexpr auto list =
        std::tuple(always("version", &t::version), always("channel", &t::channel));
};
template <> struct fields<login_request> {
    static constexpr auto list = std::tuple(always("password", &login_request::password));
};
template <> struct fields<login_reply> {
    using t = login_reply;
    static constexpr auto list =
        std::tuple(always("token", &t::token), always("expires_at", &t::expires_at));
};
template <> struct fields<verify_reply> {
    static constexpr auto list = std::tuple(always("status", &verify_reply::status));
};

// The optional half of a server, shared by server_fields and server_object.
template <auto Reach>
constexpr auto server_extras() {
    // Member pointer → function of the outer object.
    constexpr auto at = [](auto member) {
        return [member](auto& object) -> auto& { return std::invoke(Reach, object).*member; };
    };
    using t = server_fields;
    return std::tuple(
        opt("group_id", at(&t::group_id)), opt("group_values", at(&t::group_values)),
        opt("price_amount", at(&t::price_amount)), opt("price_period", at(&t::price_period)),
        opt("price_currency", at(&t::price_currency)),
        opt("purchase_date", at(&t::purchase_date)), opt("expiry_date", at(&t::expiry_date)),
        opt("auto_renew", at(&t::auto_renew)), opt("tip_badge", at(&t::tip_badge)),
        opt("notes", at(&t::notes)), opt("sale_status", at(&t::sale_status)),
        opt("sale_contact_url", at(&t::sale_contact_url)));
}
inline constexpr auto reach_self = [](auto& object) -> auto& { return object; };
inline constexpr auto reach_fields = [](auto& object) -> auto& { return object.fields; };

template <> struct fields<server_fields> {
    using t = server_fields;
    static constexpr auto list = std::tuple_cat(
        std::tuple(
            always("name", &t::name), opt("url", &t::url), always("location", &t::location),
            always("provider", &t::provider), opt("tag", &t::tag)),
        server_extras<reach_self>());
};
template <> struct fields<server_object> {
    using t = server_object;
    static constexpr auto list = std::tuple_cat(
        std::tuple(
            always("id", &t::id),
            always("name", [](auto& o) -> auto& { return o.fields.name; }),
            always("url", [](auto& o) -> auto& { return o.fields.url; }),
            always("location", [](auto& o) -> auto& { return o.fields.location; }),
            always("provider", [](auto& o) -> auto& { return o.fields.provider; }),
            always("tag", [](auto& o) -> auto& { return o.fields.tag; }),
            always("token", &t::token), always("version", &t::version), always("ip", &t::ip)),
        server_extras<reach_fields>());
};
template <> struct fields<server_patch> {
    using t = server_patch;
    static constexpr auto list = std::tuple(
        opt("name", &t::name), opt("location", &t::location), opt("provider", &t::provider),
        opt("tag", &t::tag), opt("group_id", &t::group_id),
        opt("group_values", &t::group_values), opt("price_amount", &t::price_amount),
        opt("price_period", &t::price_period), opt("price_currency", &t::price_currency),
        opt("purchase_date", &t::purchase_date), opt("expiry_date", &t::expiry_date),
        opt("auto_renew", &t::auto_renew), opt("tip_badge", &t::tip_badge),
        opt("notes", &t::notes), opt("sale_status", &t::sale_status),
        opt("sale_contact_url", &t::sale_contact_url));
};
template <> struct fields<import_reply> {
    using t = import_reply;
    static constexpr auto list = std::tuple(
        always("success", &t::success), always("failed", &t::failed), opt("errors", &t::errors),
        opt("server_ids", &t::server_ids));
};
template <> struct fields<register_request> {
    using t = register_request;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("location", &t::location),
        always("provider", &t::provider));
};
template <> struct fields<register_reply> {
    using t = register_reply;
    static constexpr auto list = std::tuple(always("id", &t::id), always("token", &t::token));
};
template <> struct fields<probe_settings> {
    static constexpr auto list = std::tuple(always("ping_targets", &probe_settings::ping_targets));
};
template <> struct fields<history_point> {
    using t = history_point;
    static constexpr auto list = std::tuple(
        always("timestamp", &t::timestamp), always("cpu", &t::cpu), always("memory", &t::memory),
        always("disk", &t::disk), always("net_rx", &t::net_rx), always("net_tx", &t::net_tx),
        opt("ping_ms", &t::ping_ms));
};
template <> struct fields<history_ping_point> {
    using t = history_ping_point;
    static constexpr auto list = std::tuple(
        always("timestamp", &t::timestamp), always("latency_ms", &t::latency_ms),
        always("status", &t::status));
};
template <> struct fields<history_target> {
    using t = history_target;
    static constexpr auto list = std::tuple(
        always("name", &t::name), always("host", &t::host), always("data", &t::data));
};
template <> struct fields<history_reply> {
    using t = history_reply;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("range", &t::range), always("data", &t::data),
        opt("ping_targets", &t::ping_targets), opt("last_bucket", &t::last_bucket),
        opt("incremental", &t::incremental));
};
template <> struct fields<online_users_reply> {
    static constexpr auto list = std::tuple(always("count", &online_users_reply::count));
};

template <> struct fields<server_view> {
    using t = server_view;
    static constexpr auto list = std::tuple(
        always("server_id", &t::server_id), always("server_name", &t::server_name),
        always("location", &t::location), always("provider", &t::provider),
        always("tag", &t::tag), opt("group_id", &t::group_id),
        opt("group_values", &t::group_values), always("version", &t::version),
        always("ip", &t::ip), always("online", &t::online), always("metrics", &t::metrics),
        opt("price_amount", &t::price_amount), opt("price_period", &t::price_period),
        opt("price_currency", &t::price_currency), opt("purchase_date", &t::purchase_date),
        opt("expiry_date", &t::expiry_date), opt("auto_renew", &t::auto_renew),
        opt("tip_badge", &t::tip_badge), opt("notes", &t::notes),
        opt("sale_status", &t::sale_status), opt("sale_contact_url", &t::sale_contact_url));
};
template <> struct fields<stream_init> {
    using t = stream_init;
    static constexpr auto list = std::tuple(
        always("total_servers", &t::total_servers), opt("groups", &t::groups),
        opt("group_dimensions", &t::dimensions), always("site_settings", &t::site));
};
template <> struct fields<stream_server> {
    using t = stream_server;
    static constexpr auto list = std::tuple(
        always("index", &t::index), always("total", &t::total), always("server", &t::server));
};
template <> struct fields<delta_metrics> {
    using t = delta_metrics;
    static constexpr auto list = std::tuple(
        opt("c", &t::c), opt("m", &t::m), opt("d", &t::d), opt("rx", &t::rx), opt("tx", &t::tx));
};
template <> struct fields<delta_entry> {
    using t = delta_entry;
    static constexpr auto list =
        std::tuple(always("id", &t::id), opt("on", &t::on), opt("m", &t::m));
};
template <> struct fields<delta> {
    using t = delta;
    static constexpr auto list = std::tuple(always("ts", &t::ts), always("d", &t::d));
};
// clang-format on

} // namespace vsim::proto
