#include "model/schedule.hpp"

#include "util/random.hpp"

#include <cassert>

namespace vsim::model {

namespace {

// How many intervals have begun by `t`: floor((t - phase) / interval).
std::int64_t steps(util::wall_time t, util::milliseconds phase, util::milliseconds interval) {
    const auto since = (t.time_since_epoch() - phase).count();
    const auto width = std::chrono::nanoseconds{interval}.count();
    return since / width - (since % width < 0 ? 1 : 0);
}

} // namespace

schedule::schedule(std::uint64_t seed, std::uint32_t index, util::milliseconds interval)
    : interval_{interval} {
    assert(interval.count() >= 1);
    const auto draw = util::hash(seed, util::stream("schedule.phase"), index);
    phase_ = util::milliseconds{
        static_cast<std::int64_t>(util::below(draw, static_cast<std::uint64_t>(interval.count())))
    };
}

util::wall_time schedule::after(util::wall_time t) const {
    return util::wall_time{phase_ + (steps(t, phase_, interval_) + 1) * interval_};
}

util::wall_time schedule::at_or_after(util::wall_time t) const {
    return after(t - std::chrono::nanoseconds{1});
}

util::wall_time schedule::at_or_before(util::wall_time t) const {
    return util::wall_time{phase_ + steps(t, phase_, interval_) * interval_};
}

std::int64_t schedule::count(util::wall_time from, util::wall_time to) const {
    return steps(to, phase_, interval_) - steps(from, phase_, interval_);
}

} // namespace vsim::model
