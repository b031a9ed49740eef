#pragma once
// Where machines stand, and what a ping from there costs. Constant tables. Reentrant.

#include <cstddef>
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

inline constexpr std::size_t location_count = 18;
std::span<const location, location_count> locations();
std::size_t place_of(const location& l); // in locations()

// A host as far as distances go.
struct host_key {
    std::uint64_t hash;
    std::int32_t known; // its place in a table of well-known hosts, or -1
    static host_key of(std::string_view host);
    bool operator==(const host_key&) const = default;
};

// The usual round trip, access included: to well-known hosts a few milliseconds, as they have sites
// in many places; to any other host 5 to 180 ms more than the access, by the hash.
double distance_ms(const host_key& to, const location& from);

} // namespace vsim::model
