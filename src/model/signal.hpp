#pragma once
// Noise with memory and daily rhythm, as pure functions of time. Reentrant.

#include "model/profile.hpp"

#include <cstdint>

namespace vsim::model {

// Value noise: random values at multiples of `period_ms`, joined by a smooth curve. In -1..1, mean
// 0.
double noise(std::uint64_t key, std::int64_t unix_ms, std::int64_t period_ms);

// Four octaves from six hours to a minute and a half: slow drift with quick ripples. In -1..1.
double rough_noise(std::uint64_t key, std::int64_t unix_ms);

// Load by the local clock, 0..1: the profile's day, smooth between hours, times its weekend.
double daily_load(const profile& p, std::int64_t local_ms);

} // namespace vsim::model
