#pragma once
// What a user may type: durations, counts, rates, shares, sizes, URLs. Every error message names
// the value and what is accepted; the caller puts the flag's name in front. Reentrant.

#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vsim::util {

// "500ms", "3s", "5m", "1h30m", "2d"; a bare number ("2.5") is seconds. Never negative.
result<nanoseconds> parse_duration(std::string_view text);
// The same with a sign, if there is one: "-90s", "+5m", "3s".
result<nanoseconds> parse_signed_duration(std::string_view text);
std::string format_duration(nanoseconds d
); // "1h30m", "2.5s", "500ms", "-1m30s"; the shortest that reads back

// "5000", "5k", "1.5k", "2m" (k = 1000, m = 1000000); a whole number results.
result<std::uint64_t> parse_count(std::string_view text);

// "1000/s", "1000", "60/m", "0.5/s"; events per second, never negative.
result<double> parse_rate(std::string_view text);

// "10%", "0.1%": 0..1. Without the sign it is refused, because 1 could be all or a hundredth.
result<double> parse_share(std::string_view text);
std::string format_share(double share); // "12.5%"; shortest that reads back, if it was typed

// "512B", "8KB", "64KB", "1.5MB", "2GB" in powers of 1024, or a number of bytes; whole bytes
// result.
result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes); // "8KB", "1000B"; reads back exactly

struct url {
    bool tls = false;
    std::string host; // without the brackets of an IPv6 literal
    std::uint16_t port = 0;
    std::string path; // prefix without trailing slash: "" or "/vstats"

    std::string authority() const; // "host:port", an IPv6 host in brackets
    std::string text() const;      // "http://host:port/path"
    bool operator==(const url&) const = default;
};
// "http://host[:port][/path]" or https; ws and wss are accepted as http and https. User info, query
// and fragment are refused.
result<url> parse_url(std::string_view text);

} // namespace vsim::util
