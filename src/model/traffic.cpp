#include "model/traffic.hpp"

#include "util/random.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace vsim::model {

namespace {

constexpr std::int64_t epoch_ms = 1'704'067'200'000; // Monday 2024-01-01
constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t week_ms = 7 * day_ms;
constexpr std::size_t minute_fork = 3; // 56 s
constexpr std::size_t least_steps = 2;

struct volume {
    std::uint64_t rx, tx;
};

volume operator-(volume a, volume b) {
    return {a.rx - b.rx, a.tx - b.tx};
}

// Sixteen random bits, `part` 0..3 of a hash.
std::uint64_t bits(std::uint64_t h, unsigned part) {
    return h >> (16 * part) & 0xffffU;
}

// whole × part / total, rounded down. In 64 bits: volumes are below 2^42, totals below 2^22.
volume scale(volume whole, std::uint64_t part, std::uint64_t total) {
    return {whole.rx * part / total, whole.tx * part / total};
}

// One part of a volume: what comes before it, and it itself. Adds up exactly over all parts.
struct share {
    volume before, own;
};

// `whole` divided by weights, part `n`. A weight is the rhythm times 3/4 .. 5/4, over 2^shift.
template <std::size_t N, class Rhythm>
share divide(volume whole, std::uint64_t key, std::size_t n, unsigned shift, Rhythm rhythm) {
    std::uint64_t before = 0, end = 0, total = 0;
    std::uint64_t h = 0;
    for (std::size_t i = 0; i < N; ++i) {
        if (i % 4 == 0) {
            h = util::mix(key ^ i);
        }
        before = i == n ? total : before;
        total += rhythm(i) * (0xc000U + bits(h, i % 4) / 2) >> shift;
        end = i == n ? total : end;
    }
    assert(total < std::uint64_t{1} << 22);
    const auto start = scale(whole, before, total);
    return {start, scale(whole, end, total) - start};
}

// One stream's part of an interval: what has moved by its start, and what moves within it.
struct part {
    std::uint64_t before, own;
};

// The half where `right` has all bits or none. The left one's share is a half, give or take the
// spread: ten random bits say how much. Which turn it is looks random to the processor, so this has
// no branch.
part half(part whole, std::uint64_t random, std::uint64_t spread, std::uint64_t right) {
    const std::uint64_t share = 0x8000U - spread / 2 + ((random & 1023) * spread >> 10);
    const auto left = whole.own * share >> 16;
    return {whole.before + (left & right), left ^ ((left ^ (whole.own - left)) & right)};
}

} // namespace

traffic_track::traffic_track(const traffic_model& m)
    : model_{m}, spread_{static_cast<std::uint64_t>(0x4000 + 0x9000 * m.kind->burstiness)} {
    assert((m.rx_per_week | m.tx_per_week) < std::uint64_t{1} << 42);
    constexpr double minutes_per_week =
        static_cast<double>(week_ms) / hour_ms * (1 << (2 * minute_fork));
    per_mean_minute_ = minutes_per_week / static_cast<double>(m.rx_per_week + m.tx_per_week);
}

void traffic_track::enter_hour(std::int64_t since_epoch_ms) {
    const auto hours = since_epoch_ms / hour_ms;
    const auto days = hours / 24;
    const auto weeks = static_cast<std::uint64_t>(days / 7);
    const volume per_week{model_.rx_per_week, model_.tx_per_week};
    const auto day = divide<7>(
        per_week,
        util::hash(model_.key, 1, weeks),
        static_cast<std::size_t>(days % 7),
        8,
        [&](std::size_t i) {
            return static_cast<std::uint64_t>(i >= 5 ? 1000 * model_.kind->weekend : 1000);
        }
    );
    const auto hour = divide<24>(
        day.own,
        util::hash(model_.key, 2, static_cast<std::uint64_t>(days)),
        static_cast<std::size_t>(hours % 24),
        6,
        [&](std::size_t i) { return std::uint64_t{(*model_.kind->day)[i]}; }
    );
    hour_.begin(hours * hour_ms);
    midnight_ = {weeks * per_week.rx + day.before.rx, weeks * per_week.tx + day.before.tx};
    way_[0] = {
        util::hash(model_.key, 3, static_cast<std::uint64_t>(hours)),
        midnight_.rx + hour.before.rx,
        midnight_.tx + hour.before.tx,
        hour.own.rx,
        hour.own.tx
    };
}

traffic_track::node traffic_track::descend(std::size_t from) {
    // In five names, not a node: GCC 12 makes vectors of its pairs and moves them to and fro.
    auto [key, rx_before, tx_before, rx, tx] = way_[from];
    for (auto i = from; i < forks; ++i) {
        // One hash has bits for the first halving and, twenty further up, for both of the second.
        const auto random = util::mix(key);
        const auto turns = leaf_ >> (2 * (forks - 1 - i)) & 3;
        const auto first = 0 - (turns >> 1);
        const auto second = 0 - (turns & 1);
        const auto more = random >> (20 + (20 & first));
        const auto in_rx =
            half(half({rx_before, rx}, random, spread_, first), more, spread_, second);
        const auto in_tx =
            half(half({tx_before, tx}, random >> 10, spread_, first), more >> 10, spread_, second);
        key = random + turns;
        rx_before = in_rx.before;
        tx_before = in_tx.before;
        rx = in_rx.own;
        tx = in_tx.own;
        way_[i + 1] = {key, rx_before, tx_before, rx, tx};
    }
    if (from < minute_fork) {
        const auto& minute = way_[minute_fork];
        intensity_ = static_cast<double>(minute.rx + minute.tx) * per_mean_minute_;
    }
    return {key, rx_before, tx_before, rx, tx};
}

traffic_state traffic_track::at(std::int64_t local_ms) {
    const auto since = std::max<std::int64_t>(local_ms - epoch_ms, 0);
    // A leaf is hour_ms ticks of 1/4096 ms.
    const bool same_hour = hour_.holds(since, hour_ms);
    if (!same_hour) [[unlikely]] {
        enter_hour(since);
    }
    const auto ticks = static_cast<std::uint64_t>(hour_.into(since)) << (2 * forks);
    constexpr auto leaf_ticks = static_cast<std::uint64_t>(hour_ms);
    const auto leaf = ticks / leaf_ticks;
    // From the last fork that both ways share, or a little above: mostly the same number of steps,
    // which the processor then knows.
    const auto turned = static_cast<std::size_t>(std::bit_width(leaf ^ leaf_) + 1) / 2;
    const auto from = same_hour ? forks - std::max(turned, least_steps) : 0;
    leaf_ = leaf;
    const auto at = descend(from);
    // Evenly within the leaf.
    const auto now = scale({at.rx, at.tx}, ticks % leaf_ticks, leaf_ticks);
    return {at.rx_before + now.rx, at.tx_before + now.tx, intensity_};
}

traffic_state traffic_model::at(std::int64_t local_ms) const {
    return traffic_track{*this}.at(local_ms);
}

} // namespace vsim::model
