#pragma once
// --fleet-mix: what users type for a part of the fleet, and the preset that resembles real fleets.
// Reentrant.

#include "agent/mix.hpp"
#include "app/config.hpp"
#include "app/option.hpp"

#include <array>
#include <string>
#include <string_view>

namespace vsim::app {

// "60%:no-store,interval=5s". text_of() writes what reads back as the same group.
util::result<agent::group> parse_group(std::string_view text);
std::string text_of(const agent::group& g);

// --fleet-mix real. vStats' install script sets agents up without a store, Docker brings one, and
// five seconds is the interval of whoever changed nothing (protocol.md 5.1); how many did what is
// our estimate. Messages of hosts with many disks, cores and interfaces are large. GPUs come by the
// profiles' weights, few. Nobody pings what the server does not ask for.
inline constexpr std::array<std::string_view, 8> real_fleet{
    "48%:no-store,interval=5s,targets=0",
    "6%:no-store,interval=10s,targets=0",
    "4%:no-store,interval=1s,targets=0",
    "4%:no-store,interval=5s,profile=storage,targets=0,payload=12KB",
    "28%:interval=5s,targets=0",
    "5%:interval=10s,targets=0",
    "3%:interval=1s,targets=0",
    "2%:interval=5s,profile=db,targets=0,payload=24KB",
};

// Each time one more group, or "real" for what the groups leave of the fleet.
binding mix_into(fleet_mix_config& target);

agent::mix mix_of(const fleet_mix_config& c);

// Keys, preset and rest for --help, lines of at most 80 columns.
std::string fleet_mix_help();

} // namespace vsim::app
