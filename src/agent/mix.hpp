#pragma once
// Which agents of a fleet are alike, and in what: groups by share, and whose group an agent is, a
// pure function of (seed, index). Neither the fleet's size nor the number of shards matters.
// Reentrant.

#include "model/traits.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace vsim::agent {

// Without further words: an agent as the run's options make all of them.
struct group {
    double share = 1; // of the fleet, 0..1
    model::traits machine{};
    bool has_store = true; // keeps aggregates and sends them, as history too; else `metrics` only
                           // (protocol.md 5.1)
    std::optional<util::milliseconds> interval{}; // instead of the run's
    util::milliseconds clock_skew{0};             // its wall clock is that much ahead
    bool reads = true;                            // false: takes nothing after the reply to auth
    bool logs_in_twice = false; // a second connection with the same id (protocol.md 2.9)
    bool shuffles = false;      // sends buckets out of order
    bool repeats = false;       // sends each aggregate twice
    bool operator==(const group&) const = default;
};

class mix {
public:
    // What `groups` leave of the fleet is divided among `rest`, in proportion to its shares.
    // Precondition: shares of `groups` are positive and at most 1 in sum, `rest` is not empty.
    explicit mix(std::vector<group> groups = {}, std::vector<group> rest = {group{}});
    mix(mix&&) noexcept = default;
    mix& operator=(mix&&) noexcept = default;

    // Never moves: agents keep the address for as long as the mix, or what it is moved to, lives.
    const group& of(std::uint64_t seed, std::uint32_t index) const;
    // All of them, those of the rest last, with shares of the whole fleet; never empty.
    std::span<const group> groups() const { return groups_; }

private:
    std::vector<group> groups_;
};

} // namespace vsim::agent
