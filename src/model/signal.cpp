#include "model/signal.hpp"

#include "util/random.hpp"

namespace vsim::model {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

double smooth(double x) {
    return x * x * (3 - 2 * x);
}

double at_lattice(std::uint64_t key, std::int64_t n) {
    return 2 * util::unit(util::mix(key ^ static_cast<std::uint64_t>(n))) - 1;
}

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
    const double x = static_cast<double>(unix_ms - n * period_ms) / static_cast<double>(period_ms);
    const double a = at_lattice(key, n);
    return a + (at_lattice(key, n + 1) - a) * smooth(x);
}

double rough_noise(std::uint64_t key, std::int64_t unix_ms) {
    return 0.36 * noise(key, unix_ms, 6 * hour_ms) + 0.28 * noise(key + 1, unix_ms, 70 * 60'000) +
           0.21 * noise(key + 2, unix_ms, 11 * 60'000) + 0.15 * noise(key + 3, unix_ms, 90'000);
}

double daily_load(const profile& p, std::int64_t local_ms) {
    // An hour's value stands in its middle.
    const auto shifted = local_ms - hour_ms / 2;
    const auto hour = floor_div(shifted, hour_ms);
    const double x = static_cast<double>(shifted - hour * hour_ms) / static_cast<double>(hour_ms);
    const double a = load_of_hour(p, hour);
    return a + (load_of_hour(p, hour + 1) - a) * x;
}

} // namespace vsim::model
