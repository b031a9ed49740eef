#include "app/run_viewers.hpp"

#include <algorithm>
#include <chrono>

namespace vsim::app {

namespace {

constexpr std::size_t home_key = 0;
// What could first be seen so shortly before the end need not have been.
constexpr util::nanoseconds last_moment = std::chrono::seconds{1};

} // namespace

run_viewers::run_viewers(
    const run_config& c, net::pool& p, stats::recorder& counts, net::ticker& pace
)
    : c_{c}, pool_{p}, counts_{counts}, pace_{pace}, all_{p.serial_executor(home_key)} {}

agent::report_board*
run_viewers::prepare(const std::vector<agent::identity>& who, const agent::mix& kinds) {
    if (who.empty() || (c_.viewers == 0 && c_.readers == 0)) {
        return nullptr;
    }
    board_ = std::make_unique<agent::report_board>(who);
    truth_ = std::make_unique<fleet_truth>(who, c_.seed, c_.interval, kinds, *board_);
    return c_.viewers > 0 ? board_.get() : nullptr;
}

void run_viewers::begin(const net::endpoint& server, util::clock_anchor clock) {
    if (!truth_ || pace_.is_stopped()) {
        return;
    }
    around_ = {server, clock, &counts_, &present_, &pace_};
    const auto now = clock.to_wall(std::chrono::steady_clock::now());
    // Spread over the lanes, on which the agents are, too.
    std::size_t key = home_key;
    for (std::uint32_t n = 0; n < c_.viewers; ++n) {
        auto& screen = screens_.emplace_back(*truth_, counts_, flips_, now);
        all_.spawn(pool_.serial_executor(++key), viewer::view(around_, screen));
    }
    for (std::uint32_t n = 0; n < c_.readers; ++n) {
        viewer::browsing what{c_.seed, n, truth_->size()};
        auto reading = viewer::read_histories(around_, *truth_, std::move(what));
        all_.spawn(pool_.serial_executor(++key), std::move(reading));
    }
}

net::task<> run_viewers::end(report::run_result& to) {
    const auto stopped = around_.clock.to_wall(std::chrono::steady_clock::now());
    co_await all_.drain();
    if (!screens_.empty()) {
        to.freshness = tell(stopped);
    }
    if (c_.readers > 0 && truth_) {
        to.readers = c_.readers;
    }
}

report::freshness_facts run_viewers::tell(util::wall_time now) const {
    report::freshness_facts f;
    f.viewers = c_.viewers;
    f.connected = present_.most();
    f.floor = viewer::server_tick;
    for (std::size_t agent = 0; agent < truth_->size(); ++agent) {
        const auto sent = truth_->reported(agent);
        const auto could_be_seen = [&](const viewer::screen& s) {
            return sent && s.first_chance(sent->since) + last_moment < now;
        };
        const auto has_seen = [&](const viewer::screen& s) { return s.has_seen(agent); };
        if (std::ranges::any_of(screens_, could_be_seen)) {
            ++f.agents;
            f.never_seen += std::ranges::any_of(screens_, has_seen) ? 0 : 1;
        }
    }
    f.false_offline = counts_.total(stats::counter::false_offline);
    return f;
}

} // namespace vsim::app
