#include "viewer/tick_phase.hpp"

#include <algorithm>

namespace vsim::viewer {

namespace {

constexpr util::nanoseconds tick = server_tick;

// Whoever comes so late says no more by being even later.
constexpr util::nanoseconds too_late = std::chrono::seconds{1};

// [0, tick)
util::nanoseconds wrapped(util::nanoseconds d) {
    const auto rest = d % tick;
    return rest < util::nanoseconds{0} ? rest + tick : rest;
}

} // namespace

void tick_phase::arrived(util::wall_time at) {
    const bool is_late = last_ && at - *last_ > tick * 3 / 2;
    last_ = at;
    if (is_late) {
        return;
    }
    offsets_[place_] = wrapped(at.time_since_epoch());
    place_ = (place_ + 1) % kept;
    count_ = std::min(count_ + 1, kept);
    auto least = util::nanoseconds::max();
    for (std::size_t i = 0; i < count_; ++i) {
        util::nanoseconds behind{0};
        for (std::size_t k = 0; k < count_; ++k) {
            behind += std::min(wrapped(offsets_[k] - offsets_[i]), too_late);
        }
        if (behind < least) {
            least = behind;
            phase_ = offsets_[i];
        }
    }
}

util::wall_time tick_phase::next(util::wall_time t) const {
    return is_known() ? t + wrapped(phase_ - t.time_since_epoch()) : t + tick;
}

} // namespace vsim::viewer
