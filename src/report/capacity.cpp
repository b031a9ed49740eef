#include "report/capacity.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace vsim::report {
namespace {

constexpr double least_rise_ms = 1;

// How far beyond its limit, as a multiple of it; an absent value is the farthest.
double excess(const threshold_result& t) {
    if (!t.value || t.limit == 0 || *t.value == 0) {
        return std::numeric_limits<double>::infinity();
    }
    return std::max(*t.value / t.limit, t.limit / *t.value);
}

} // namespace

std::string_view name(capacity_step::verdict v) {
    switch (v) {
    case capacity_step::verdict::accepted:
        return "accepted";
    case capacity_step::verdict::rejected:
        return "rejected";
    case capacity_step::verdict::invalid:
        break;
    }
    return "invalid";
}

std::string_view name(capacity_end e) {
    switch (e) {
    case capacity_end::found:
        return "found";
    case capacity_end::all_good:
        return "to_accepted";
    case capacity_end::none_good:
        return "from_rejected";
    case capacity_end::generator:
        return "generator";
    case capacity_end::interrupted:
        return "interrupted";
    case capacity_end::failed:
        break;
    }
    return "failed";
}

const capacity_step* decisive_step(const capacity_facts& f, std::uint32_t agents) {
    const auto found = std::find_if(f.steps.rbegin(), f.steps.rend(), [agents](const auto& s) {
        return s.agents == agents;
    });
    return found == f.steps.rend() ? nullptr : &*found;
}

const threshold_result* first_broken(const capacity_facts& f) {
    const auto* step = f.smallest_rejected ? decisive_step(f, *f.smallest_rejected) : nullptr;
    const threshold_result* worst = nullptr;
    if (step != nullptr) {
        for (const auto& t : step->criteria) {
            if (!t.is_ok && (worst == nullptr || excess(t) > excess(*worst))) {
                worst = &t;
            }
        }
    }
    return worst;
}

std::optional<capacity_knee> knee_of(const std::vector<capacity_step>& steps) {
    const auto has_fence = [](const auto& s) { return s.fence_p99_ms.has_value(); };
    const bool by_fence = std::ranges::any_of(steps, has_fence);
    std::map<std::uint32_t, double> p99; // the last word on each fleet
    for (const auto& s : steps) {
        const auto& value = by_fence ? s.fence_p99_ms : s.send_lag_p99_ms;
        if (value && s.said != capacity_step::verdict::invalid) {
            p99[s.agents] = *value;
        }
    }
    if (p99.empty()) {
        return std::nullopt;
    }
    const auto base = p99.begin()->second;
    auto before = p99.begin()->first;
    for (const auto& [agents, value] : p99) {
        if (value > knee_factor * base && value >= base + least_rise_ms) {
            return capacity_knee{
                .metric = by_fence ? "fence.p99" : "send_lag.p99",
                .below = before,
                .agents = agents,
                .base_ms = base,
                .value_ms = value,
            };
        }
        before = agents;
    }
    return std::nullopt;
}

} // namespace vsim::report
