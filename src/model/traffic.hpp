#pragma once
// Network counters as a pure function of time: exact integers that never fall.
//
// A week moves a fixed volume. It is divided over its days and hours by the profile's rhythm, and
// each hour by repeated halving with random shares: a multiplicative cascade, the b-model of
// self-similar traffic (Wang, Madhyastha, Chan, Papadimitriou, Faloutsos, ICDE 2002). Each level's
// parts add up exactly, so the counter at any instant is found in one walk down and needs no
// earlier one. Reentrant.

#include "model/profile.hpp"
#include "model/signal.hpp"

#include <array>
#include <cstdint>

namespace vsim::model {

struct traffic_state {
    std::uint64_t rx = 0, tx = 0; // bytes since the model's epoch (2024-01-01, local time)
    double intensity = 0;         // traffic of this minute relative to the week's mean; 1 = average
};

struct traffic_model {
    std::uint64_t key;
    const profile* kind;
    std::uint64_t rx_per_week, tx_per_week; // bytes, below 2^42 (7 MB/s)

    // `local_ms`: Unix milliseconds plus the location's offset. 0 before the epoch.
    traffic_state at(std::int64_t local_ms) const;
};

struct traffic_volume {
    std::uint64_t rx, tx; // bytes
};

// A traffic_model for instants that mostly lie near each other (see signal.hpp): keeps the way down
// from the hour to the last instant, and walks only the part of it that is new. Thread-bound.
class traffic_track {
public:
    explicit traffic_track(const traffic_model& m);
    traffic_state at(std::int64_t local_ms);
    // The counters at the midnight before the last instant.
    traffic_volume midnight() const { return midnight_; }

private:
    // An interval of the cascade: what has moved by its start, and what moves within it.
    struct node {
        std::uint64_t key;
        std::uint64_t rx_before, tx_before, rx, tx; // bytes
    };
    static constexpr std::size_t forks = 6; // each halves twice: an hour into 4096 leaves of 879 ms

    void enter_hour(std::int64_t since_epoch_ms);
    node descend(std::size_t from); // to the leaf

    traffic_model model_;
    std::uint64_t spread_;
    double per_mean_minute_; // 1 / bytes
    known_stretch hour_;
    std::uint64_t leaf_ = 0; // of the hour; its twelve bits are the turns of the way down
    double intensity_ = 0;
    traffic_volume midnight_{};
    // [0] the hour ... [6] the leaf; nothing before the first at().
    std::array<node, forks + 1> way_;
};

} // namespace vsim::model
