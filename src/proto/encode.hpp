#pragma once
// Messages and bodies → JSON text, appended to `out`. Integers as integers, doubles in the shortest
// form that reads back, no white space, no trailing newline. Never fails: what a struct can hold
// can be written (NaN and infinity are a bug of the caller). Reentrant.

#include "proto/admin.hpp"
#include "proto/agent_msg.hpp"
#include "proto/dashboard.hpp"
#include "proto/rest.hpp"
#include "proto/server_msg.hpp"

#include <concepts>
#include <string>
#include <vector>

namespace vsim::proto {

void encode(std::string& out, const auth_request&);
void encode(std::string& out, const metrics_message&);
void encode(std::string& out, const aggregated_message&);
void encode(std::string& out, const batch_message&);

void encode(std::string& out, const auth_reply&);
void encode(std::string& out, const error_reply&);
void encode(std::string& out, const batch_ack&);
void encode(std::string& out, const config_push&);
void encode(std::string& out, const command_push&);

void encode(std::string& out, const stream_init&);
void encode(std::string& out, const stream_server&);
void encode(std::string& out, const stream_end&);
void encode(std::string& out, const delta&);
void encode(std::string& out, const site_broadcast&);

void encode(std::string& out, const system_metrics&);
void encode(std::string& out, const server_view&);
void encode(std::string& out, const std::vector<server_view>&);
void encode(std::string& out, const error_body&);
void encode(std::string& out, const version_reply&);
void encode(std::string& out, const login_request&);
void encode(std::string& out, const login_reply&);
void encode(std::string& out, const verify_reply&);
void encode(std::string& out, const server_fields&); // create and import rows
void encode(std::string& out, const std::vector<server_fields>&);
void encode(std::string& out, const server_patch&);
void encode(std::string& out, const server_object&);
void encode(std::string& out, const std::vector<server_object>&);
void encode(std::string& out, const import_reply&);
void encode(std::string& out, const register_request&);
void encode(std::string& out, const register_reply&);
void encode(std::string& out, const probe_settings&);
void encode(std::string& out, const history_reply&);
void encode(std::string& out, const online_users_reply&);
void encode(std::string& out, const named_item&);
void encode(std::string& out, const std::vector<named_item>&);
void encode(std::string& out, const group_dimension&);
void encode(std::string& out, const std::vector<group_dimension>&);
void encode(std::string& out, const site_settings&);
void encode(std::string& out, const themes_reply&);
void encode(std::string& out, const geoip_settings&);
void encode(std::string& out, const geoip_view&);
void encode(std::string& out, const update_reply&);
void encode(std::string& out, const std::vector<traffic_limit>&);
void encode(std::string& out, const traffic_stats&);
void encode(std::string& out, const std::vector<traffic_stats>&);
void encode(std::string& out, const traffic_summary&);
void encode(std::string& out, const traffic_periods&);
void encode(std::string& out, const traffic_days&);

// The text on its own.
template <class T>
    requires requires(std::string& s, const T& v) { encode(s, v); }
std::string to_json(const T& value) {
    std::string out;
    encode(out, value);
    return out;
}

} // namespace vsim::proto
