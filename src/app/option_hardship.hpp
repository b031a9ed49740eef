#pragma once
// What users type for things that happen to agents while they run. Reentrant.

#include "app/config.hpp"
#include "app/option.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

// "30s:10s:50%:half-open": AT:LEN[:SHARE][:HOW], and what text_of() writes.
util::result<agent::outage> parse_outage(std::string_view text);
std::string text_of(const agent::outage& o);

// "30s:10s:cpu:5%": AT:LEN:KIND[:SHARE], and what text_of() writes.
util::result<agent::scripted_incident> parse_incident(std::string_view text);
std::string text_of(const agent::scripted_incident& i);

// As users type them.
std::string_view name(agent::cut c);
std::string_view name(model::incident_kind k);

binding outages_into(std::vector<agent::outage>& target);
binding incidents_into(std::vector<agent::scripted_incident>& target);
binding churn_into(churn_config& target);                   // "30" or "5%", a minute
binding clock_into(std::optional<util::wall_time>& target); // RFC 3339, 2000 to 2199

} // namespace vsim::app
