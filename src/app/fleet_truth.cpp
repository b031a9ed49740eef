#include "app/fleet_truth.hpp"

#include "model/machine.hpp"
#include "model/speed_track.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::app {

namespace {

// How far back a sample is looked for. A server that shows an older one has worse problems than
// that we do not know how old it is; and a value that is nobody's costs the whole search.
constexpr util::milliseconds longest_search = std::chrono::minutes{2};
constexpr std::int64_t most_samples = 1200;

} // namespace

fleet_truth::fleet_truth(
    std::vector<agent::identity> who,
    std::uint64_t seed,
    util::milliseconds interval,
    const agent::mix& kinds,
    const agent::report_board& board
)
    : who_{std::move(who)}, seed_{seed}, interval_{interval}, kinds_{kinds}, board_{board} {
    for (std::size_t n = 0; n < who_.size(); ++n) {
        by_id_.emplace(who_[n].id, n);
    }
}

std::optional<std::size_t> fleet_truth::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<viewer::reports> fleet_truth::reported(std::size_t agent) const {
    const auto index = who_[agent].index;
    const auto r = board_.of(index);
    if (!r) {
        return std::nullopt;
    }
    return viewer::reports{r->last, r->since, r->back, interval_of(kinds_.of(seed_, index))};
}

std::optional<util::wall_time>
fleet_truth::identify(std::size_t agent, const viewer::speeds& s, util::wall_time now) const {
    const auto index = who_[agent].index;
    const auto& kind = kinds_.of(seed_, index);
    const auto interval = interval_of(kind);
    // Neither incidents nor targets have a part in what a network carries.
    model::circumstances around;
    around.traits = &kind.machine;
    model::speed_track track{model::machine{seed_, index, around}};
    // The newest may not have been shown yet, however long the interval.
    const auto samples = std::clamp<std::int64_t>(longest_search / interval + 1, 3, most_samples);
    const auto found = track.find(
        {s.rx, s.tx},
        model::schedule{seed_, index, interval},
        now + kind.clock_skew,
        static_cast<std::size_t>(samples)
    );
    return found ? std::optional{*found - kind.clock_skew} : std::nullopt;
}

} // namespace vsim::app
