#pragma once
// Network counters as a pure function of time: exact integers that never fall.
//
// A week moves a fixed volume. It is divided over its days and hours by the profile's rhythm, and
// each hour by repeated halving with random shares: a multiplicative cascade, the b-model of
// self-similar traffic (Wang, Madhyastha, Chan, Papadimitriou, Faloutsos, ICDE 2002). Each level's
// parts add up exactly, so the counter at any instant is found in one walk down and needs no
// earlier one. Reentrant.

#include "model/profile.hpp"

#include <cstdint>

namespace vsim::model {

struct traffic_state {
    std::uint64_t rx = 0, tx = 0; // bytes since the model's epoch (2024-01-01, local time)
    double intensity = 0;         // traffic of this minute relative to the week's mean; 1 = average
};

struct traffic_model {
    std::uint64_t key;
    const profile* kind;
    std::uint64_t rx_per_week, tx_per_week; // bytes

    // `local_ms`: Unix milliseconds plus the location's offset. 0 before the epoch.
    traffic_state at(std::int64_t local_ms) const;
};

} // namespace vsim::model
