#include "agent/hardship.hpp"

#include "util/random.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace vsim::agent {

namespace {

using util::nanoseconds;

constexpr double minute = 60e9;
// 31 years. Churn that is still rarer counts as this rare.
constexpr double longest_slot = 1e18;
constexpr nanoseconds horizon{std::int64_t{1'000'000'000} * 1'000'000'000};

// How many events a Poisson process has in a slot that has one on average, from a uniform draw.
int events_in_slot(double draw) {
    double term = std::exp(-1.0);
    int n = 0;
    for (double sum = term; draw >= sum && n < 20; sum += term) {
        term /= ++n;
    }
    return n;
}

} // namespace

hardships::hardships(std::uint64_t seed, hardship_plan plan) : seed_{seed}, plan_{std::move(plan)} {
    assert(std::ranges::all_of(plan_.outages, [](const outage& o) { return o.length.count() > 0; })
    );
    if (plan_.churn > 0) {
        // As long as the mean gap, so that the next drop is found in the first slots looked at,
        // however rare drops are.
        slot_ = nanoseconds{std::llround(std::clamp(minute / plan_.churn, 1.0, longest_slot))};
    }
}

bool hardships::is_hit(std::size_t n, std::uint32_t index) const {
    const auto key = util::hash(seed_, util::stream("hardship.outage"), n);
    return util::unit(util::hash(key, 0, index)) < plan_.outages[n].share;
}

std::optional<nanoseconds> hardships::cut_until(std::uint32_t index, nanoseconds t) const {
    std::optional<nanoseconds> until;
    // Each round goes on from the end of what the round before has found.
    for (bool is_longer = true; is_longer;) {
        is_longer = false;
        for (std::size_t n = 0; n < plan_.outages.size(); ++n) {
            const auto& o = plan_.outages[n];
            const auto from = until.value_or(t);
            if (o.at <= from && from < o.at + o.length && is_hit(n, index)) {
                until = o.at + o.length;
                is_longer = true;
            }
        }
    }
    return until;
}

std::optional<blow> hardships::next_outage(std::uint32_t index, nanoseconds after) const {
    const outage* first = nullptr;
    for (std::size_t n = 0; n < plan_.outages.size(); ++n) {
        const auto& o = plan_.outages[n];
        // Of two that begin together the longer one says how.
        const bool is_earlier =
            first == nullptr || o.at < first->at || (o.at == first->at && o.length > first->length);
        if (o.at > after && is_earlier && is_hit(n, index)) {
            first = &o;
        }
    }
    if (first == nullptr) {
        return std::nullopt;
    }
    return blow{first->at, *cut_until(index, first->at), first->how, false};
}

// The earliest of a slot's drops that come after `after`.
std::optional<nanoseconds>
hardships::drop_in(std::uint32_t index, std::int64_t slot, nanoseconds after) const {
    const auto key = util::hash(seed_, util::stream("hardship.churn"), index);
    const auto number = static_cast<std::uint64_t>(slot);
    std::optional<nanoseconds> first;
    for (int n = events_in_slot(util::unit(util::hash(key, 0, number))); n > 0; --n) {
        const double part = util::unit(util::hash(key, static_cast<std::uint64_t>(n), number));
        const auto at =
            slot_ * slot + nanoseconds{std::llround(part * static_cast<double>(slot_.count()))};
        if (at > after && (!first || at < *first)) {
            first = at;
        }
    }
    return first;
}

std::optional<nanoseconds> hardships::next_drop(std::uint32_t index, nanoseconds after) const {
    if (slot_.count() == 0) {
        return std::nullopt;
    }
    // Nothing that is decades away is of interest; in practice the loop ends in one of the first
    // slots.
    const std::int64_t last = horizon / slot_ + 1;
    for (auto slot = std::max<std::int64_t>(after / slot_, 0); slot < last; ++slot) {
        const auto at = drop_in(index, slot, after);
        if (!at) {
            continue;
        }
        if (*at > horizon) {
            return std::nullopt;
        }
        const auto until = cut_until(index, *at);
        if (!until) {
            return at;
        }
        after = *until; // no connection to lose meanwhile
        slot = std::max(slot, after / slot_) - 1;
    }
    return std::nullopt;
}

std::optional<blow> hardships::next(std::uint32_t index, nanoseconds after) const {
    auto cut_off = next_outage(index, after);
    const auto drop = next_drop(index, after);
    if (drop && (!cut_off || *drop < cut_off->at)) {
        return blow{*drop, *drop, cut::close, true};
    }
    return cut_off;
}

} // namespace vsim::agent
