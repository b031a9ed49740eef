#pragma once
// Names of the tables that hold buckets. Reentrant.

#include "proto/bucket.hpp"

#include <array>
#include <string_view>

namespace vsim::server {

inline constexpr std::array<std::string_view, proto::granularity_count> metrics_tables{
    "metrics_5sec", "metrics_2min", "metrics_15min_agg", "metrics_hourly_agg", "metrics_daily_agg"
};
inline constexpr std::array<std::string_view, proto::granularity_count> ping_tables{
    "ping_5sec", "ping_2min", "ping_15min_agg", "ping_hourly_agg", "ping_daily_agg"
};

constexpr std::string_view metrics_table(proto::granularity g) {
    return metrics_tables[proto::position(g)];
}
constexpr std::string_view ping_table(proto::granularity g) {
    return ping_tables[proto::position(g)];
}

} // namespace vsim::server
