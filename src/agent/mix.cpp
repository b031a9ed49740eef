#include "agent/mix.hpp"

#include "util/random.hpp"

#include <cassert>

namespace vsim::agent {

namespace {

// Below a millionth of the largest fleet's share of one: what sums of decimals leave by rounding.
constexpr double nothing = 1e-12;

double sum_of(std::span<const group> groups) {
    double sum = 0;
    for (const auto& g : groups) {
        sum += g.share;
    }
    return sum;
}

} // namespace

mix::mix(std::vector<group> groups, std::vector<group> rest) : groups_{std::move(groups)} {
    const double left = 1 - sum_of(groups_);
    const double parts = sum_of(rest);
    assert(left >= -nothing && parts > 0);
    if (left > nothing) {
        for (auto& g : rest) {
            g.share *= left / parts;
            groups_.push_back(std::move(g));
        }
    }
}

const group& mix::of(std::uint64_t seed, std::uint32_t index) const {
    double at = util::unit(util::hash(seed, util::stream("fleet.mix"), index));
    for (const auto& g : groups_) {
        if (at < g.share) {
            return g;
        }
        at -= g.share;
    }
    return groups_.back(); // rounding
}

} // namespace vsim::agent
