#include "proto/encode.hpp"

#include "proto/json_writer.hpp"

namespace vsim::proto {

namespace {

// The agents' and dashboards' way: "type" first.
template <class T>
void type_first(std::string& out, std::string_view type, const T& message) {
    out += '{';
    json::write_key(out, "type");
    json::write(out, type);
    json::write_fields(out, message);
    out += '}';
}

// The server's way for what it builds from maps: keys sorted, and "type" sorts last.
template <class T>
void type_last(std::string& out, std::string_view type, const T& message) {
    out += '{';
    json::write_fields(out, message);
    json::write_key(out, "type");
    json::write(out, type);
    out += '}';
}

} // namespace

void encode(std::string& out, const auth_request& m) {
    type_first(out, "auth", m);
}
void encode(std::string& out, const metrics_message& m) {
    type_first(out, "metrics", m);
}
void encode(std::string& out, const aggregated_message& m) {
    type_first(out, "aggregated_metrics", m);
}
void encode(std::string& out, const batch_message& m) {
    type_first(out, "batch_metrics", m);
}

void encode(std::string& out, const auth_reply& m) {
    if (m.ok()) {
        type_last(out, "auth", m);
        return;
    }
    out += R"({"type":"auth","status":)";
    json::write(out, m.status);
    json::write_key(out, "message");
    json::write(out, m.message);
    out += '}';
}
void encode(std::string& out, const error_reply& m) {
    type_first(out, "error", m);
}
void encode(std::string& out, const batch_ack& m) {
    type_last(out, "batch_ack", m);
}
void encode(std::string& out, const config_push& m) {
    type_last(out, "config", m);
}
void encode(std::string& out, const command_push& m) {
    type_first(out, "command", m);
}

void encode(std::string& out, const stream_init& m) {
    type_first(out, "stream_init", m);
}
void encode(std::string& out, const stream_server& m) {
    type_first(out, "stream_server", m);
}
void encode(std::string& out, const stream_end&) {
    out += R"({"type":"stream_end"})";
}
void encode(std::string& out, const delta& m) {
    type_first(out, "delta", m);
}

// From a map: sorted, and "type" sorts behind "site_settings".
void encode(std::string& out, const site_broadcast& m) {
    type_last(out, "site_settings", m);
}

void encode(std::string& out, const system_metrics& m) {
    json::write(out, m);
}
void encode(std::string& out, const server_view& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<server_view>& m) {
    json::write(out, m);
}
void encode(std::string& out, const error_body& m) {
    json::write(out, m);
}
void encode(std::string& out, const version_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const login_request& m) {
    json::write(out, m);
}
void encode(std::string& out, const login_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const verify_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const server_fields& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<server_fields>& m) {
    json::write(out, m);
}
void encode(std::string& out, const server_patch& m) {
    json::write(out, m);
}
void encode(std::string& out, const server_object& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<server_object>& m) {
    json::write(out, m);
}
void encode(std::string& out, const import_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const register_request& m) {
    json::write(out, m);
}
void encode(std::string& out, const register_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const probe_settings& m) {
    json::write(out, m);
}
void encode(std::string& out, const history_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const online_users_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const named_item& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<named_item>& m) {
    json::write(out, m);
}
void encode(std::string& out, const group_dimension& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<group_dimension>& m) {
    json::write(out, m);
}
void encode(std::string& out, const site_settings& m) {
    json::write(out, m);
}
void encode(std::string& out, const themes_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const geoip_settings& m) {
    json::write(out, m);
}
void encode(std::string& out, const geoip_view& m) {
    json::write(out, m);
}
void encode(std::string& out, const update_reply& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<traffic_limit>& m) {
    json::write(out, m);
}
void encode(std::string& out, const traffic_stats& m) {
    json::write(out, m);
}
void encode(std::string& out, const std::vector<traffic_stats>& m) {
    json::write(out, m);
}
void encode(std::string& out, const traffic_summary& m) {
    json::write(out, m);
}
void encode(std::string& out, const traffic_periods& m) {
    json::write(out, m);
}
void encode(std::string& out, const traffic_days& m) {
    json::write(out, m);
}

} // namespace vsim::proto
