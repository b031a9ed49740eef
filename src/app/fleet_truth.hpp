#pragma once
// What viewers may know of a simulated fleet: its identities, what it has reported, and, because
// the model is a pure function, which sample two speeds come from. Thread-safe.

#include "agent/identity.hpp"
#include "agent/mix.hpp"
#include "agent/report_board.hpp"
#include "viewer/watched_fleet.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vsim::app {

class fleet_truth final : public viewer::watched_fleet {
public:
    // `kinds` and `board` outlive it; `interval` is that of agents whose kind has none.
    fleet_truth(
        std::vector<agent::identity> who,
        std::uint64_t seed,
        util::milliseconds interval,
        const agent::mix& kinds,
        const agent::report_board& board
    );

    std::size_t size() const override { return who_.size(); }
    std::optional<std::size_t> find(std::string_view id) const override;
    std::string id(std::size_t agent) const override { return who_[agent].id; }
    std::string name(std::size_t agent) const override { return who_[agent].name; }
    std::optional<viewer::reports> reported(std::size_t agent) const override;
    std::optional<util::wall_time>
    identify(std::size_t agent, const viewer::speeds& s, util::wall_time now) const override;

private:
    util::milliseconds interval_of(const agent::group& kind) const {
        return kind.interval.value_or(interval_);
    }

    const std::vector<agent::identity> who_;
    std::unordered_map<std::string_view, std::size_t> by_id_;
    const std::uint64_t seed_;
    const util::milliseconds interval_;
    const agent::mix& kinds_;
    const agent::report_board& board_;
};

} // namespace vsim::app
