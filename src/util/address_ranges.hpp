#pragma once
// A list of IP addresses kept as ranges, as a user types it: "127.0.0.2-127.0.0.9,10.0.0.5" or
// "fd00::1-fd00::4". Costs a few words a range, however many addresses that is. A plain value;
// reentrant.

#include "util/error.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::util {

class address_ranges {
public:
    static constexpr std::uint64_t most_addresses = 65'536; // of one list

    // An address as a number; an IPv4 one in the lower half of `low`.
    struct address {
        std::uint64_t high = 0, low = 0;
        auto operator<=>(const address&) const = default;
    };

    address_ranges() = default; // no address

    bool empty() const { return ranges_.empty(); }
    std::uint64_t count() const;
    bool is_v6() const { return is_v6_; }

    // The text of address `i` in the order given. Precondition: i < count().
    std::string nth(std::uint64_t i) const;
    // The list as it would be typed; parse_address_ranges() reads it back.
    std::string text() const;

    bool operator==(const address_ranges&) const = default;

private:
    friend result<address_ranges> parse_address_ranges(std::string_view text);

    struct range {
        address first;
        std::uint64_t size = 1;
        std::uint64_t before = 0; // addresses in earlier ranges
        bool operator==(const range&) const = default;
    };

    std::string text_of(const range& r) const;
    const range* overlapping() const; // one that has an address of another; nullptr: none

    std::vector<range> ranges_;
    bool is_v6_ = false;
};

// Comma separated addresses and ranges (both ends included) of one family, each address once, at
// most `most_addresses` in all. What no connection can start from is refused: the unspecified
// address, multicast, IPv4 in IPv6's clothes. errc::bad_input names the part that is wrong and what
// is accepted.
result<address_ranges> parse_address_ranges(std::string_view text);

} // namespace vsim::util
