#pragma once
// What a part of the fleet has in common beside what is drawn for each machine. A plain value.

#include "model/profile.hpp"

#include <cstdint>
#include <optional>

namespace vsim::model {

struct traits {
    const profile* kind = nullptr; // null: drawn by the profiles' weights
    std::optional<bool> has_gpu;   // absent: as the profile says
    std::uint8_t targets = 5;      // pinged while the server names none; at most agg::max_targets
    std::uint32_t payload = 0;     // bytes that a `metrics` message has at least; at most 256 KB
    bool operator==(const traits&) const = default;
};

} // namespace vsim::model
