#include "model/traffic.hpp"

#include "util/random.hpp"

#include <algorithm>
#include <array>

namespace vsim::model {

namespace {

constexpr std::int64_t epoch_ms = 1'704'067'200'000; // Monday 2024-01-01
constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t week_ms = 7 * day_ms;
constexpr int levels = 12;      // an hour halved so often: 879 ms
constexpr int minute_level = 6; // 56 s

struct volume {
    std::uint64_t rx, tx;
};

volume operator+(volume a, volume b) {
    return {a.rx + b.rx, a.tx + b.tx};
}

// Sixteen random bits, `part` 0..3 of a hash.
std::uint32_t bits(std::uint64_t h, unsigned part) {
    return static_cast<std::uint32_t>(h >> (16 * part)) & 0xffffU;
}

// `whole` divided by weights: what comes before part `n`, and part `n`. Adds up exactly over all
// parts.
struct division {
    std::uint64_t before_weight, own_weight, total_weight;

    static std::uint64_t scale(std::uint64_t whole, std::uint64_t part, std::uint64_t total) {
        __extension__ using wide = unsigned __int128;
        return static_cast<std::uint64_t>(static_cast<wide>(whole) * part / total);
    }
    volume before(volume whole) const {
        return {
            scale(whole.rx, before_weight, total_weight),
            scale(whole.tx, before_weight, total_weight)
        };
    }
    volume own(volume whole) const {
        const auto end = before_weight + own_weight;
        const auto start = before(whole);
        return {
            scale(whole.rx, end, total_weight) - start.rx,
            scale(whole.tx, end, total_weight) - start.tx
        };
    }
};

// Weights are the rhythm times 3/4 .. 5/4.
template <std::size_t N, class Rhythm>
division divide(std::uint64_t key, std::size_t n, Rhythm rhythm) {
    division d{};
    std::uint64_t h = 0;
    for (std::size_t i = 0; i < N; ++i) {
        if (i % 4 == 0) {
            h = util::mix(key ^ i);
        }
        const auto weight = rhythm(i) * (0xc000U + bits(h, i % 4) / 2);
        d.before_weight += i < n ? weight : 0;
        d.own_weight = i == n ? weight : d.own_weight;
        d.total_weight += weight;
    }
    return d;
}

// The left half's share of a volume, 0..1 as 16 bits: one half, give or take the spread.
std::uint64_t left_part(std::uint64_t whole, std::uint32_t random, std::uint32_t spread) {
    const std::uint32_t share = 0x8000U - spread / 2 + ((random * spread) >> 16);
    return (whole >> 16) * share + (((whole & 0xffffU) * share) >> 16);
}

} // namespace

traffic_state traffic_model::at(std::int64_t local_ms) const {
    const auto since = std::max<std::int64_t>(local_ms - epoch_ms, 0);
    const auto week = since / week_ms;
    const auto day = since % week_ms / day_ms;
    const auto hour = since % day_ms / hour_ms;
    const volume per_week{rx_per_week, tx_per_week};

    const auto weeks = static_cast<std::uint64_t>(week);
    volume done{weeks * rx_per_week, weeks * tx_per_week};
    const auto by_day =
        divide<7>(util::hash(key, 1, weeks), static_cast<std::size_t>(day), [&](std::size_t i) {
            return static_cast<std::uint64_t>(i >= 5 ? 1000 * kind->weekend : 1000);
        });
    done = done + by_day.before(per_week);
    const volume today = by_day.own(per_week);

    const auto days = static_cast<std::uint64_t>(since / day_ms);
    const auto by_hour =
        divide<24>(util::hash(key, 2, days), static_cast<std::size_t>(hour), [&](std::size_t i) {
            return std::uint64_t{(*kind->day)[i]};
        });
    done = done + by_hour.before(today);
    volume part = by_hour.own(today);

    // Down the cascade: `part` is what moves within the interval of `length` ticks that holds
    // `offset`. Ticks are 1/4096 ms, so that twelve halvings of an hour stay whole.
    constexpr std::int64_t ticks = std::int64_t{1} << levels;
    const auto spread = static_cast<std::uint32_t>(0x4000 + 0x9000 * kind->burstiness);
    std::uint64_t node = util::hash(key, 3, static_cast<std::uint64_t>(since / hour_ms));
    std::int64_t offset = since % hour_ms * ticks;
    std::int64_t length = hour_ms * ticks;
    double minute_volume = 0;
    for (int level = 0; level < levels; ++level) {
        if (level == minute_level) {
            minute_volume = static_cast<double>(part.rx + part.tx);
        }
        const auto random = util::mix(node);
        const volume left{
            left_part(part.rx, bits(random, 0), spread), left_part(part.tx, bits(random, 1), spread)
        };
        length /= 2;
        if (offset < length) {
            part = left;
            node = random;
        } else {
            offset -= length;
            done = done + left;
            part = {part.rx - left.rx, part.tx - left.tx};
            node = ~random;
        }
    }
    // Evenly within the last 879 ms.
    const division inside{
        static_cast<std::uint64_t>(offset), 0, static_cast<std::uint64_t>(length)
    };
    done = done + inside.before(part);

    const double minutes_per_week = static_cast<double>(week_ms) / hour_ms * (1 << minute_level);
    const double mean = static_cast<double>(rx_per_week + tx_per_week) / minutes_per_week;
    return {done.rx, done.tx, minute_volume / mean};
}

} // namespace vsim::model
