#pragma once
// Which samples an agent did not send when they were due, as stretches of its schedule: what a
// server's raw rows are compared with. Empty for an agent that nothing befell, and bounded: the
// more there are, the coarser they become, never wrong. A plain value; thread-bound.

#include "util/clock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace vsim::agent {

enum class deviation : std::uint8_t {
    unsent,   // never handed to the kernel
    doubtful, // sent, but nobody is to blame if it did not arrive; or sent late, in a batch
};

class deviations {
public:
    static constexpr std::size_t most = 40; // 24 bytes each

    // Of the samples in (after, until].
    struct stretch {
        util::wall_time after, until;
        deviation what = deviation::unsent;
        bool operator==(const stretch&) const = default;
    };

    deviations() = default;
    explicit deviations(std::vector<stretch> known) : list_{std::move(known)} {}

    void add(deviation what, util::wall_time after, util::wall_time until);

    std::span<const stretch> all() const { return list_; }
    bool empty() const { return list_.empty(); }
    bool operator==(const deviations&) const = default;

private:
    std::vector<stretch> list_; // in the order of their beginnings
};

} // namespace vsim::agent
