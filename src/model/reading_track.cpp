#include "model/reading_track.hpp"

#include "model/location.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <cassert>

namespace vsim::model {

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

// To the nearest, without a call to the mathematical library. Precondition: x >= 0.
std::uint32_t rounded(double x) {
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(x + 0.5));
}

std::uint32_t hundredths(double percent, double low, double high) {
    return rounded(std::clamp(percent, low, high) * 100);
}

std::int64_t memory_period_ms(std::uint64_t key) {
    return hour_ms * static_cast<std::int64_t>(9 + util::below(key, 60));
}

std::int64_t disk_period_ms(std::uint64_t key) {
    return day_ms * static_cast<std::int64_t>(24 + util::below(key, 70));
}

std::uint64_t disk_key(std::uint64_t machine_key, std::size_t n) {
    return util::mix(machine_key + 20 + n);
}

} // namespace

disk_track::disk_track(const profile& p, std::uint64_t machine_key, std::size_t n)
    : base_{p.disk_base + 16 * (util::unit(disk_key(machine_key, n)) - 0.5)},
      growth_{p.disk_growth},
      fill_{disk_key(machine_key, n), disk_period_ms(disk_key(machine_key, n))} {}

std::uint32_t disk_track::at(std::int64_t unix_ms) {
    return hundredths(base_ + growth_ * fill_.at(unix_ms), 1, 97);
}

ping_track::ping_track(const location& from, std::uint64_t machine_key, const target_set& targets)
    : count_{0} {
    const auto slots = targets.slots();
    const auto& distances = targets.distances_ms(from);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].is_active) {
            auto& t = targets_[count_++];
            t.key = machine_key + slots[i].key;
            t.place = i;
            t.distance = 100 * distances[i];
        }
    }
}

// Latencies drift over minutes.
void ping_track::enter_drift(std::int64_t unix_ms) {
    const auto n = floor_div(unix_ms, drift_ms);
    drift_.begin(n * drift_ms);
    for (std::size_t i = 0; i < count_; ++i) {
        auto& t = targets_[i];
        const double from = noise_value(t.key + 1, n);
        t.from = t.distance * (1 + 0.12 * from);
        t.rise = t.distance * 0.12 * (noise_value(t.key + 1, n + 1) - from);
    }
}

void ping_track::enter_slot(std::int64_t unix_ms) {
    const auto n = floor_div(unix_ms, slot_ms);
    slot_.begin(n * slot_ms);
    for (std::size_t i = 0; i < count_; ++i) {
        auto& t = targets_[i];
        const auto h = util::mix(t.key ^ static_cast<std::uint64_t>(n));
        t.start = t.end = 0;
        if (util::below(h, 40) == 0) {
            t.start = n * slot_ms + static_cast<std::int64_t>((h >> 20) % 600'000);
            t.end = t.start + 2 * minute_ms + static_cast<std::int64_t>(h % 480'000);
            t.loss = 0.15 + 0.6 * util::unit(util::mix(h));
            t.slower = 1.3 + 2 * util::unit(util::mix(h + 1));
        }
    }
}

void ping_track::at(std::int64_t unix_ms, std::array<agg::ping_reading, agg::max_targets>& out) {
    if (!drift_.holds(unix_ms, drift_ms)) [[unlikely]] {
        enter_drift(unix_ms);
    }
    if (!slot_.holds(unix_ms, slot_ms)) [[unlikely]] {
        enter_slot(unix_ms);
    }
    const double x = smooth(static_cast<double>(drift_.into(unix_ms)) * (1.0 / drift_ms));
    for (std::size_t i = 0; i < count_; ++i) {
        const auto& t = targets_[i];
        // One half of the luck decides whether there is an answer, the other how late it comes.
        const auto luck = util::mix(t.key + 50 + static_cast<std::uint64_t>(unix_ms));
        const auto half = [](std::uint64_t bits) {
            return static_cast<double>(static_cast<std::int64_t>(bits & 0xffff'ffffU)) * 0x1p-32;
        };
        const bool trouble = unix_ms >= t.start && unix_ms < t.end;
        if (half(luck >> 32) < (trouble ? t.loss : 0.0008)) {
            out[t.place] = {};
            continue;
        }
        // A tail that only some pings see.
        const double u = half(luck);
        const double u3 = u * u * u;
        const double tail = 1.04 + 0.35 * u3 * u3;
        const double latency = (t.from + t.rise * x) * (trouble ? t.slower : 1) * tail;
        out[t.place] = {rounded(latency), true, true};
    }
}

reading_track::reading_track(const machine& m)
    : profile_{m.profile_}, target_count_{static_cast<std::uint32_t>(m.targets_->size())},
      pinged_{m.targets_->active()}, fate_{m.fate_}, key_{m.key_}, local_shift_ms_{m.local_ms(0)},
      activity_{*m.profile_, m.key_}, traffic_{m.traffic_}, cpu_ripple_{m.key_ + 7},
      memory_ripple_{m.key_ + 12},
      memory_base_{m.profile_->memory_base + 8 * (util::unit(util::mix(m.key_ + 11)) - 0.5)},
      memory_climb_{m.key_, memory_period_ms(m.key_)}, disk_{*m.profile_, m.key_, 0},
      pings_{*m.location_, m.key_, *m.targets_} {}

std::uint32_t reading_track::cpu(std::int64_t unix_ms, double activity, double intensity) {
    // Half of the work follows the network's minute, which is where bursts come from; the ripple of
    // ten seconds is what one sample sees and the next has nearly forgotten.
    const double burst = std::min(intensity, 4.0);
    const double busy = profile_->cpu_busy * activity * (0.55 + 0.45 * burst);
    const double ripple = 1 + 0.25 * cpu_ripple_.at(unix_ms);
    return hundredths((profile_->cpu_idle + busy) * ripple, 0.1, 100);
}

std::uint32_t reading_track::memory(std::int64_t unix_ms, double activity) {
    const double climb = profile_->memory_climb * memory_climb_.at(unix_ms);
    const double ripple = 0.8 * memory_ripple_.at(unix_ms);
    return hundredths(memory_base_ + climb + 6 * activity + ripple, 2, 98);
}

void reading_track::read(util::wall_time t, agg::reading& r) {
    const auto ms = std::chrono::floor<util::milliseconds>(t).time_since_epoch().count();
    const auto local = ms + local_shift_ms_;
    const auto traffic = traffic_.at(local);
    load_ = activity_.at(ms, local);
    r.unix_seconds = floor_div(ms, 1000);
    r.cpu = cpu(ms, load_, traffic.intensity);
    r.memory = memory(ms, load_);
    r.disk = disk_.at(ms);
    r.net_rx = traffic.rx;
    r.net_tx = traffic.tx;
    r.target_count = target_count_;
    r.pinged = pinged_;
    pings_.at(ms, r.pings);
    incidents_ = fate_.at(t);
    if (!incidents_.empty()) [[unlikely]] {
        suffer(ms, r);
    }
}

// Near the limit, and not quite still: what an alert is made for.
void reading_track::suffer(std::int64_t unix_ms, agg::reading& r) {
    if (incidents_.holds(incident_kind::cpu)) {
        r.cpu = hundredths(96 + 3 * cpu_ripple_.at(unix_ms), 93, 99);
    }
    if (incidents_.holds(incident_kind::memory)) {
        r.memory = hundredths(96.75 + 1.75 * memory_ripple_.at(unix_ms), 95, 98.5);
    }
    if (incidents_.holds(incident_kind::disk)) {
        r.disk = hundredths(97.5 + 1.5 * noise(key_ + 13, unix_ms, minute_ms), 96, 99);
    }
    if (incidents_.holds(incident_kind::ping)) {
        r.pings.fill({});
    }
}

} // namespace vsim::model
