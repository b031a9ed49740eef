#pragma once
// Random readings: a pure function of (seed, n). Those of one seed have the same 0 ... 8 targets,
// of which each pings most.

#include "agg/fold.hpp"
#include "util/random.hpp"

#include <cstdint>

namespace vsim::test {

inline agg::reading random_reading(std::uint64_t seed, std::uint64_t n, std::int64_t unix_seconds) {
    const auto draw = [&](std::uint64_t stream, std::uint64_t limit) {
        return util::below(util::hash(seed, stream, n), limit);
    };
    agg::reading r;
    r.unix_seconds = unix_seconds;
    r.weight = static_cast<std::uint32_t>(1 + draw(1, 5));
    r.cpu = static_cast<std::uint32_t>(draw(2, 10'001));
    r.memory = static_cast<std::uint32_t>(draw(3, 10'001));
    r.disk = static_cast<std::uint32_t>(draw(4, 10'001));
    r.net_rx = util::hash(seed, 5, n) >> 2;
    r.net_tx = util::hash(seed, 6, n) >> 20;
    r.target_count = static_cast<std::uint32_t>(seed % (agg::max_targets + 1));
    for (std::size_t i = 0; i < r.target_count; ++i) {
        if (draw(40 + i, 6) == 0) {
            continue;
        }
        r.pinged |= 1U << i;
        const bool answered = draw(10 + i, 10) != 0;
        r.pings[i] = {
            answered ? static_cast<std::uint32_t>(draw(20 + i, 30'000)) : 0, answered, answered
        };
    }
    return r;
}

} // namespace vsim::test
