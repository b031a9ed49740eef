#include "agent/lifecycle.hpp"

#include "util/random.hpp"

#include <algorithm>

namespace vsim::agent {

lifecycle::lifecycle(std::uint64_t seed, std::uint32_t index, bool without_jitter)
    : key_{util::hash(seed, util::stream("agent.backoff"), index)},
      without_jitter_{without_jitter} {}

bool lifecycle::on_welcome() {
    failures_ = 0;
    const bool is_first = !was_welcome_;
    was_welcome_ = true;
    return is_first;
}

util::nanoseconds lifecycle::on_end() {
    constexpr std::uint32_t most_doublings = 4; // 5, 10, 20, 40, 80
    const auto doubled = first_delay * (1 << std::min(failures_, most_doublings));
    const util::nanoseconds delay = std::min(doubled, longest_delay);
    failures_ = std::min(failures_ + 1, most_doublings);
    if (without_jitter_) {
        return delay;
    }
    const auto jitter = util::unit(util::mix(key_ ^ draws_++)) / 2;
    return delay +
           util::nanoseconds{static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter)
           };
}

} // namespace vsim::agent
