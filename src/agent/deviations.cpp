#include "agent/deviations.hpp"

#include <iterator>

namespace vsim::agent {

void deviations::add(deviation what, util::wall_time after, util::wall_time until) {
    if (after >= until) {
        return;
    }
    if (!list_.empty() && list_.back().what == what && list_.back().after <= after &&
        after <= list_.back().until) {
        list_.back().until = std::max(list_.back().until, until);
        return;
    }
    const auto later = std::ranges::upper_bound(list_, after, std::ranges::less{}, &stretch::after);
    list_.insert(later, {after, until, what});
    if (list_.size() <= most) {
        return;
    }
    // The two nearest become one, of which nothing is sure.
    auto nearest = list_.begin();
    for (auto i = list_.begin(); std::next(i) != list_.end(); ++i) {
        const auto gap = [](auto at) { return std::next(at)->after - at->until; };
        if (gap(i) < gap(nearest)) {
            nearest = i;
        }
    }
    const auto second = std::next(nearest);
    nearest->until = std::max(nearest->until, second->until);
    nearest->what = deviation::doubtful;
    list_.erase(second);
}

} // namespace vsim::agent
