#pragma once
// Rows and groups of rows that the tables of several commands share. Reentrant.

#include "app/option.hpp"
#include "app/options.hpp"

#include <cstdint>
#include <string>

namespace vsim::app {

inline constexpr auto on_fleet = "Fleet";
inline constexpr auto on_server = "Server";
inline constexpr auto on_load = "Load";
inline constexpr auto on_agents = "Agents";
inline constexpr auto on_run = "Run";
inline constexpr auto on_search = "Search";
inline constexpr auto on_output = "Output";
inline constexpr auto on_general = "General";

inline constexpr std::uint32_t most_agents = 1'000'000; // of a fleet
inline constexpr std::uint32_t most_threads = 1024;

void append(option_list& list, option_list more);

option_list access_options(access_config& c);
option count_option(std::uint32_t& count);
option seed_option(std::uint64_t& seed);
option prefix_option(std::string& prefix);
option keep_option(bool& keep);
option fleet_option(std::string& file, std::string help);
option yes_option(bool& yes, std::string help);
option_list general_options(console_config& c, switches& s);

} // namespace vsim::app
