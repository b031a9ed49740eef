#include "verify/ledger.hpp"

namespace vsim::verify {

agent::subject ledger::subject_of(const ledger_entry& e) const {
    const auto& group = groups[e.group];
    return {
        run.seed,
        e.index,
        interval_of(e),
        {&group.machine, nullptr, incidents.get(), group.clock_skew}
    };
}

ledger_entry entry_of(const agent::agent& a, std::size_t group) {
    auto account = a.account_of();
    return {
        .index = a.who().index,
        .id = a.who().id,
        .name = a.who().name,
        .group = group,
        .lived = std::move(account.lived),
        .until = account.until,
        .first = account.first,
        .reports_after = account.reports_after,
        .not_sent = std::move(account.not_sent),
        .has_aggregates = account.has_aggregates,
        .has_past = account.has_past,
        .is_complete = account.is_complete,
    };
}

} // namespace vsim::verify
