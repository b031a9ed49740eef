#include "model/incident.hpp"

#include "util/random.hpp"

namespace vsim::model {

bool incident_plan::strikes(std::size_t n, std::uint32_t index) const {
    const auto draw = util::mix(util::hash(seed_, util::stream("incident"), n) ^ index);
    return util::unit(draw) < incidents_[n].share;
}

// Times first: they rule most out, and cost less than a hash.

incident_kinds fate::planned_at(util::wall_time t) const {
    incident_kinds kinds;
    t -= skew_;
    std::size_t n = 0;
    for (const auto& i : plan_->incidents()) {
        if (t >= i.start && t < i.end && plan_->strikes(n, index_)) {
            kinds.add(i.kind);
        }
        ++n;
    }
    return kinds;
}

util::wall_time fate::planned_change(util::wall_time t) const {
    auto change = util::wall_time::max();
    t -= skew_;
    std::size_t n = 0;
    for (const auto& i : plan_->incidents()) {
        const auto next = i.start > t ? i.start : i.end;
        if (next > t && next < change && i.start < i.end && plan_->strikes(n, index_)) {
            change = next;
        }
        ++n;
    }
    return change == util::wall_time::max() ? change : change + skew_;
}

} // namespace vsim::model
