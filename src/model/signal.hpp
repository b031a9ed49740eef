#pragma once
// Noise with memory and daily rhythm, as pure functions of time. Reentrant.
//
// A *track* is such a function for instants that mostly lie near each other: it keeps what stays
// the same for a while (which is why it is thread-bound) and works out the rest. Any instant may be
// asked for, and the value depends on nothing but the instant: a new track gives the same bits.

#include "model/profile.hpp"
#include "util/random.hpp"

#include <cstdint>
#include <limits>

namespace vsim::model {

// Floor, also below zero.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

// The start of a stretch of time that is known; at first none is.
class known_stretch {
public:
    bool holds(std::int64_t ms, std::int64_t length) const {
        return since(ms) < unsigned_of(length);
    }
    // Milliseconds from the start to `ms`. Precondition: holds(ms, ...).
    std::int64_t into(std::int64_t ms) const { return ms - start_; }
    void begin(std::int64_t start) { start_ = start; }

private:
    static constexpr std::uint64_t unsigned_of(std::int64_t v) {
        return static_cast<std::uint64_t>(v);
    }
    std::uint64_t since(std::int64_t ms) const { return unsigned_of(ms) - unsigned_of(start_); }

    std::int64_t start_ = std::numeric_limits<std::int64_t>::min(); // out of reach
};

// 0 → 1, level at both ends.
constexpr double smooth(double x) {
    return x * x * (3 - 2 * x);
}

// The random value of a noise at the `n`th multiple of its period, -1..1.
constexpr double noise_value(std::uint64_t key, std::int64_t n) {
    return 2 * util::unit(util::mix(key ^ static_cast<std::uint64_t>(n))) - 1;
}

// Value noise: random values at multiples of the period, joined by a smooth curve. In -1..1, mean
// 0.
template <std::int64_t PeriodMs>
class noise_track {
public:
    explicit noise_track(std::uint64_t key) : key_{key} {}

    double at(std::int64_t unix_ms) {
        if (!stretch_.holds(unix_ms, PeriodMs)) [[unlikely]] {
            const auto n = floor_div(unix_ms, PeriodMs);
            stretch_.begin(n * PeriodMs);
            from_ = noise_value(key_, n);
            rise_ = noise_value(key_, n + 1) - from_;
        }
        const auto into = static_cast<double>(stretch_.into(unix_ms));
        return from_ + rise_ * smooth(into * (1.0 / PeriodMs));
    }

private:
    std::uint64_t key_;
    known_stretch stretch_;
    double from_ = 0, rise_ = 0;
};

// The same noise at one instant.
double noise(std::uint64_t key, std::int64_t unix_ms, std::int64_t period_ms);

// Four octaves from six hours to a minute and a half: slow drift with quick ripples. In -1..1.
class rough_noise_track {
public:
    explicit rough_noise_track(std::uint64_t key)
        : drift_{key}, swell_{key + 1}, wave_{key + 2}, ripple_{key + 3} {}

    double at(std::int64_t unix_ms) {
        return 0.36 * drift_.at(unix_ms) + 0.28 * swell_.at(unix_ms) + 0.21 * wave_.at(unix_ms) +
               0.15 * ripple_.at(unix_ms);
    }

private:
    noise_track<6 * 3'600'000> drift_;
    noise_track<70 * 60'000> swell_;
    noise_track<11 * 60'000> wave_;
    noise_track<90'000> ripple_;
};

// Load by the local clock, 0..1: the profile's day, smooth between hours, times its weekend.
class daily_track {
public:
    explicit daily_track(const profile& p) : profile_{&p} {}
    double at(std::int64_t local_ms);

private:
    const profile* profile_;
    known_stretch hour_;
    double from_ = 0, rise_per_ms_ = 0;
};

double daily_load(const profile& p, std::int64_t local_ms);

// 0 → 1 within each period, then back to 0 at once; the key shifts it.
class sawtooth_track {
public:
    sawtooth_track(std::uint64_t key, std::int64_t period_ms);
    double at(std::int64_t unix_ms);

private:
    std::int64_t period_ms_, shift_ms_;
    known_stretch period_;
};

} // namespace vsim::model
