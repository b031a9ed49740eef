#include "model/machine.hpp"

#include "model/signal.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <cmath>

namespace vsim::model {

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

template <class Span>
const auto& pick(const Span& choices, std::uint64_t draw) {
    return choices[util::below(draw, choices.size())];
}

std::uint32_t hundredths(double percent, double low, double high) {
    return static_cast<std::uint32_t>(std::lround(std::clamp(percent, low, high) * 100));
}

// 0 → 1 within each period, then back to 0 at once.
double sawtooth(std::uint64_t key, std::int64_t unix_ms, std::int64_t period_ms) {
    const auto shift =
        static_cast<std::int64_t>(util::below(key, 1'000'000)) * period_ms / 1'000'000;
    return static_cast<double>((unix_ms + shift) % period_ms) / static_cast<double>(period_ms);
}

std::int64_t unix_ms_of(util::wall_time t) {
    return std::chrono::floor<util::milliseconds>(t).time_since_epoch().count();
}

} // namespace

machine::machine(std::uint64_t seed, std::uint32_t index)
    : key_{util::hash(seed, util::stream("machine"), index)}, index_{index},
      profile_{&pick_profile(draw(util::stream("profile")))},
      location_{&pick(locations(), draw(util::stream("location")))},
      hardware_{&pick(profile_->sizes, draw(util::stream("size")))},
      provider_{pick(location_->providers, draw(util::stream("provider")))} {
    const double scale = 0.5 + util::unit(draw(util::stream("traffic.scale")));
    const double per_week = profile_->bytes_per_s * hardware_->cores * scale * 604'800;
    const double rx_share = profile_->receive_share;
    traffic_ = {
        .key = draw(util::stream("traffic")),
        .kind = profile_,
        .rx_per_week = static_cast<std::uint64_t>(per_week * rx_share),
        .tx_per_week = static_cast<std::uint64_t>(per_week * (1 - rx_share)),
    };
}

std::uint64_t machine::draw(std::uint64_t stream, std::uint64_t n) const {
    return util::hash(key_, stream, n);
}

std::int64_t machine::local_ms(std::int64_t unix_ms) const {
    return unix_ms + location_->utc_offset_minutes * minute_ms;
}

double machine::activity(std::int64_t unix_ms) const {
    const double daily = daily_load(*profile_, local_ms(unix_ms));
    return daily * (1 + 0.4 * rough_noise(key_, unix_ms));
}

std::uint32_t machine::cpu(std::int64_t unix_ms, double activity, double intensity) const {
    // Half of the work follows the network's minute, which is where bursts come from; the ripple of
    // ten seconds is what one sample sees and the next has nearly forgotten.
    const double burst = std::min(intensity, 4.0);
    const double busy = profile_->cpu_busy * (0.55 * activity + 0.45 * activity * burst);
    const double ripple = 1 + 0.25 * noise(key_ + 7, unix_ms, 10'000);
    return hundredths((profile_->cpu_idle + busy) * ripple, 0.1, 100);
}

std::uint32_t machine::memory(std::int64_t unix_ms, double activity) const {
    const auto period = hour_ms * static_cast<std::int64_t>(9 + util::below(key_, 60));
    const double climb = profile_->memory_climb * sawtooth(key_, unix_ms, period);
    const double own = 8 * (util::unit(util::mix(key_ + 11)) - 0.5);
    const double ripple = 0.8 * noise(key_ + 12, unix_ms, 4 * minute_ms);
    return hundredths(profile_->memory_base + own + climb + 6 * activity + ripple, 2, 98);
}

std::uint32_t machine::disk(std::int64_t unix_ms, std::size_t n) const {
    const auto own = util::mix(key_ + 20 + n);
    const auto period = day_ms * static_cast<std::int64_t>(24 + util::below(own, 70));
    const double growth = profile_->disk_growth * sawtooth(own, unix_ms, period);
    return hundredths(profile_->disk_base + 16 * (util::unit(own) - 0.5) + growth, 1, 97);
}

agg::ping_reading machine::ping(std::int64_t unix_ms, std::size_t target) const {
    const std::uint64_t key = key_ + 100 * (target + 1);
    // Trouble comes in episodes: one slot of 20 minutes in 40 holds one, of two to ten minutes.
    constexpr std::int64_t slot_ms = 20 * minute_ms;
    const auto episode = util::mix(key ^ static_cast<std::uint64_t>(unix_ms / slot_ms));
    double loss = 0.0008;
    double slower = 1;
    if (util::below(episode, 40) == 0) {
        const auto length = 2 * minute_ms + static_cast<std::int64_t>(episode % 480'000);
        const auto start = static_cast<std::int64_t>((episode >> 20) % 600'000);
        const auto at = unix_ms % slot_ms - start;
        if (at >= 0 && at < length) {
            loss = 0.15 + 0.6 * util::unit(util::mix(episode));
            slower = 1.3 + 2 * util::unit(util::mix(episode + 1));
        }
    }
    const auto luck = util::mix(key + 50 + static_cast<std::uint64_t>(unix_ms));
    if (util::unit(luck) < loss) {
        return {};
    }
    // Drift over minutes, and a tail that only some pings see.
    const double drift = 1 + 0.12 * noise(key + 1, unix_ms, 8 * minute_ms);
    const double u = util::unit(util::mix(luck));
    const double tail = 0.04 + 0.35 * u * u * u * u * u * u;
    const double ms = target_distance_ms(target, *location_) * drift * slower * (1 + tail);
    return {static_cast<std::uint32_t>(std::lround(ms * 100)), true, true};
}

agg::reading machine::read(util::wall_time t) const {
    const auto ms = unix_ms_of(t);
    const auto traffic = traffic_.at(local_ms(ms));
    const double load = activity(ms);
    agg::reading r;
    r.unix_seconds = util::unix_seconds(t);
    r.cpu = cpu(ms, load, traffic.intensity);
    r.memory = memory(ms, load);
    r.disk = disk(ms, 0);
    r.net_rx = traffic.rx;
    r.net_tx = traffic.tx;
    r.target_count = static_cast<std::uint32_t>(targets().size());
    for (std::size_t i = 0; i < r.target_count; ++i) {
        r.pings[i] = ping(ms, i);
    }
    return r;
}

} // namespace vsim::model
