#pragma once
// The figures of a run that are neither a latency nor a counter, as thresholds name them: one
// table. Reentrant.

#include "report/metric.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace vsim::report {

struct figure {
    std::string_view name;
    dimension of;
    reading (*read)(const figures&);
    bool has_window = false;
};

std::span<const figure> other_figures();

// `errors` in all that was attempted, in percent. Attempted: errors, registrations, deletions,
// logins of agents and viewers, messages of all kinds, reads of history.
reading share_of_attempts(std::uint64_t errors, const stats::snapshot& s);

} // namespace vsim::report
