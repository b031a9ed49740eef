#pragma once
// Where machines stand, and what a ping from there costs. Constant tables. Reentrant.

#include "agg/fold.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace vsim::model {

struct location {
    std::string_view name; // with the flag, as a person would enter it
    std::int32_t utc_offset_minutes;
    double access_ms; // round trip to the nearest exchange
    std::span<const std::string_view> providers;
};

std::span<const location> locations();

// The ping targets of every machine, and the usual round trip to each, access included.
std::span<const agg::target_name> ping_targets();
double target_distance_ms(std::size_t target, const location& from);

} // namespace vsim::model
