#pragma once
// What history keeps of a machine's samples, for instants that mostly lie near each other (see
// signal.hpp). machine::read() is one use of it, so a walk and a single look give the same values.
// Thread-bound.

#include "agg/fold.hpp"
#include "model/machine.hpp"
#include "model/signal.hpp"
#include "model/traffic.hpp"
#include "util/clock.hpp"

#include <array>
#include <cstdint>

namespace vsim::model {

// How busy a machine is, 0..about 1.4: its day, roughened.
class activity_track {
public:
    activity_track(const profile& p, std::uint64_t key) : daily_{p}, rough_{key} {}
    double at(std::int64_t unix_ms, std::int64_t local_ms) {
        return daily_.at(local_ms) * (1 + 0.4 * rough_.at(unix_ms));
    }

private:
    daily_track daily_;
    rough_noise_track rough_;
};

// How full a machine's `n`th disk is, 0.01 %.
class disk_track {
public:
    disk_track(const profile& p, std::uint64_t machine_key, std::size_t n);
    std::uint32_t at(std::int64_t unix_ms);

private:
    double base_, growth_; // %
    sawtooth_track fill_;
};

// The pings of all targets that are active. Trouble comes in episodes: one slot of 20 minutes in 40
// holds one, of two to ten minutes.
class ping_track {
public:
    ping_track(const location& from, std::uint64_t machine_key, const target_set& targets);
    // Fills the places of active targets in `out`.
    void at(std::int64_t unix_ms, std::array<agg::ping_reading, agg::max_targets>& out);

private:
    static constexpr std::int64_t drift_ms = 8 * 60'000;
    static constexpr std::int64_t slot_ms = 20 * 60'000;

    struct target {
        std::uint64_t key;
        std::size_t place;
        double distance;         // 0.01 ms
        double from, rise;       // 0.01 ms, drift included
        std::int64_t start, end; // of the slot's episode, unix ms; start = end: none
        double loss, slower;     // in the episode
    };
    void enter_drift(std::int64_t unix_ms);
    void enter_slot(std::int64_t unix_ms);

    known_stretch drift_, slot_;
    std::size_t count_;
    std::array<target, agg::max_targets> targets_;
};

class reading_track {
public:
    explicit reading_track(const machine& m);

    // What machine::read(t) gives, into a reading that is new or that this filled before: so a walk
    // clears it once.
    void read(util::wall_time t, agg::reading& r);

    // Of the last reading: how busy the machine was, what befell it, and the counters at its
    // midnight before.
    double activity() const { return load_; }
    incident_kinds incidents() const { return incidents_; }
    traffic_volume midnight() const { return traffic_.midnight(); }
    // The counters alone.
    traffic_state traffic(std::int64_t unix_ms) { return traffic_.at(unix_ms + local_shift_ms_); }
    const model::fate& fate() const { return fate_; }

private:
    std::uint32_t cpu(std::int64_t unix_ms, double activity, double intensity); // 0.01 %
    std::uint32_t memory(std::int64_t unix_ms, double activity);                // 0.01 %
    void suffer(std::int64_t unix_ms, agg::reading& r); // what incidents_ say

    const profile* profile_;
    std::uint32_t target_count_, pinged_; // of each reading
    model::fate fate_;
    std::uint64_t key_;
    std::int64_t local_shift_ms_; // local time - Unix time
    activity_track activity_;
    traffic_track traffic_;
    noise_track<10'000> cpu_ripple_;
    noise_track<4 * 60'000> memory_ripple_;
    double memory_base_; // %
    sawtooth_track memory_climb_;
    disk_track disk_;
    ping_track pings_;
    double load_ = 0;
    incident_kinds incidents_;
};

} // namespace vsim::model
