#include "model/signal.hpp"

namespace vsim::model {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;

// Monday is day 0: the epoch was a Thursday.
bool is_weekend(std::int64_t local_day) {
    const auto weekday = ((local_day + 3) % 7 + 7) % 7;
    return weekday >= 5;
}

double load_of_hour(const profile& p, std::int64_t local_hour) {
    const auto day = floor_div(local_hour, 24);
    const auto shape = (*p.day)[static_cast<std::size_t>(local_hour - day * 24)];
    return shape / 100.0 * (is_weekend(day) ? p.weekend : 1.0);
}

} // namespace

double noise(std::uint64_t key, std::int64_t unix_ms, std::int64_t period_ms) {
    const auto n = floor_div(unix_ms, period_ms);
    const double x =
        static_cast<double>(unix_ms - n * period_ms) * (1.0 / static_cast<double>(period_ms));
    const double from = noise_value(key, n);
    return from + (noise_value(key, n + 1) - from) * smooth(x);
}

double daily_track::at(std::int64_t local_ms) {
    // An hour's value stands in its middle.
    const auto shifted = local_ms - hour_ms / 2;
    if (!hour_.holds(shifted, hour_ms)) [[unlikely]] {
        const auto hour = floor_div(shifted, hour_ms);
        hour_.begin(hour * hour_ms);
        from_ = load_of_hour(*profile_, hour);
        rise_per_ms_ = (load_of_hour(*profile_, hour + 1) - from_) * (1.0 / hour_ms);
    }
    return from_ + rise_per_ms_ * static_cast<double>(hour_.into(shifted));
}

double daily_load(const profile& p, std::int64_t local_ms) {
    return daily_track{p}.at(local_ms);
}

sawtooth_track::sawtooth_track(std::uint64_t key, std::int64_t period_ms)
    : period_ms_{period_ms},
      shift_ms_{static_cast<std::int64_t>(util::below(key, 1'000'000)) * period_ms / 1'000'000} {}

double sawtooth_track::at(std::int64_t unix_ms) {
    const auto shifted = unix_ms + shift_ms_;
    if (!period_.holds(shifted, period_ms_)) [[unlikely]] {
        period_.begin(floor_div(shifted, period_ms_) * period_ms_);
    }
    return static_cast<double>(period_.into(shifted)) / static_cast<double>(period_ms_);
}

} // namespace vsim::model
