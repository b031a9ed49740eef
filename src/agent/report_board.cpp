#include "agent/report_board.hpp"

#include <chrono>

namespace vsim::agent {

namespace {

// For so long a server believes an agent that says nothing to be there (protocol.md 7.2).
constexpr util::nanoseconds patience = std::chrono::seconds{30};

util::wall_time as_time(util::wall_time::rep t) {
    return util::wall_time{util::nanoseconds{t}};
}

} // namespace

report_board::report_board(std::span<const identity> who) {
    for (const auto& w : who) {
        by_index_.emplace(w.index, &entries_.emplace_back());
    }
}

void report_board::note(std::uint32_t index, util::wall_time at, util::milliseconds interval) {
    const auto found = by_index_.find(index);
    if (found == by_index_.end()) {
        return;
    }
    auto& e = *found->second;
    const auto t = at.time_since_epoch().count();
    const auto gap = util::nanoseconds{t - e.last.load(std::memory_order_relaxed)};
    if (gap >= patience) {
        e.back.store(t, std::memory_order_relaxed);
    }
    if (gap != interval) {
        e.since.store(t, std::memory_order_relaxed);
    }
    // After the others: whoever sees this `last` sees a `since` that is not older.
    e.last.store(t, std::memory_order_release);
}

std::optional<report_board::reports> report_board::of(std::uint32_t index) const {
    const auto found = by_index_.find(index);
    if (found == by_index_.end()) {
        return std::nullopt;
    }
    const auto& e = *found->second;
    const auto last = e.last.load(std::memory_order_acquire);
    if (last == 0) {
        return std::nullopt;
    }
    return reports{
        as_time(last),
        as_time(e.since.load(std::memory_order_relaxed)),
        as_time(e.back.load(std::memory_order_relaxed))
    };
}

} // namespace vsim::agent
