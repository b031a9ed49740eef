#include "app/run_script.hpp"

#include "app/option_hardship.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace vsim::app {

std::unique_ptr<agent::script> script_of(const run_config& c, std::uint32_t fleet) {
    agent::hardship_plan plan{c.outages, c.churn.is_any() ? c.churn.of_each(fleet) : 0};
    if (plan.is_empty() && c.incidents.empty()) {
        return nullptr;
    }
    return std::make_unique<agent::script>(
        c.seed, agent::hardships{c.seed, std::move(plan)}, c.incidents
    );
}

void tell_script(
    const agent::script& s,
    const std::deque<agent::agent>& agents,
    util::wall_time now,
    report::run_result& to
) {
    const auto zero = s.zero();
    if (!zero) {
        return;
    }
    const auto tell = [&](auto& list, report::scripted_event e, const auto& hits) {
        if (e.from >= now) {
            return;
        }
        e.until = std::min(e.until, now);
        for (const auto& a : agents) {
            if (hits(a.who().index)) {
                e.agents.push_back(a.who().name);
            }
        }
        list.push_back(std::move(e));
    };
    if (const auto* plan = s.incidents()) {
        const auto all = plan->incidents();
        for (std::size_t n = 0; n < all.size(); ++n) {
            tell(
                to.incidents,
                {std::string{name(all[n].kind)}, all[n].start, all[n].end, {}},
                [&](std::uint32_t index) { return plan->strikes(n, index); }
            );
        }
    }
    const auto& outages = s.blows().plan().outages;
    for (std::size_t n = 0; n < outages.size(); ++n) {
        const auto& o = outages[n];
        tell(
            to.outages,
            {std::string{name(o.how)}, *zero + o.at, *zero + o.at + o.length, {}},
            [&](std::uint32_t index) { return s.blows().is_hit(n, index); }
        );
    }
}

} // namespace vsim::app
