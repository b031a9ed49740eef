#include "app/run_monitor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

using stats::counter;

constexpr auto sample_every = std::chrono::seconds{1};

} // namespace

run_monitor::run_monitor(
    const stats::recorder& counts,
    std::uint64_t requested,
    std::unique_ptr<report::process_watch> server
)
    : counts_{counts}, requested_{requested}, started_{std::chrono::steady_clock::now()},
      server_{std::move(server)}, sampler_{counts}, sampled_{started_} {}

void run_monitor::begin(
    std::string name, report::phase_progress::unit of, std::uint64_t total, amount done
) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    phase p{.shown = {.name = std::move(name), .of = of, .total = total}, .began = now};
    p.done = std::move(done);
    phases_.push_back(std::move(p));
}

void run_monitor::end(bool cut_short) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    auto& p = phases_.back();
    p.shown.done = p.done();
    p.shown.elapsed = now - p.began;
    p.shown.finished = true;
    p.shown.cut_short = cut_short;
    if (!cut_short && p.shown.of == report::phase_progress::unit::items) {
        p.shown.total = p.shown.done; // what was expected of the history is an estimate
    }
    p.done = nullptr;
}

void run_monitor::watch(std::function<agent::census::figures()> fleet) {
    if (server_) {
        fleet ? server_->begin_life() : server_->end_life();
    }
    const std::lock_guard lock{mutex_};
    fleet_ = std::move(fleet);
}

std::uint64_t run_monitor::online() const {
    return fleet_ ? fleet_().online : 0;
}

report::progress_state run_monitor::state(util::steady_time now) {
    const std::lock_guard lock{mutex_};
    report::progress_state state;
    for (auto& p : phases_) {
        if (!p.shown.finished) {
            p.shown.done = p.done();
            p.shown.elapsed = now - p.began;
            p.pace.see(p.shown.done, p.shown.total, p.shown.elapsed);
            p.shown.speed = p.pace.speed();
            p.shown.remaining = p.pace.remaining();
            p.shown.idle = p.pace.idle();
        }
        state.phases.push_back(p.shown);
    }
    if (fleet_) {
        const auto viewers = counts_.total(counter::viewers_connected);
        state.live.emplace();
        state.live->connected = online();
        state.live->requested = requested_;
        state.live->viewers =
            viewers - std::min(viewers, counts_.total(counter::viewers_disconnected));
        state.live->metrics_sent = counts_.total(counter::metrics_sent);
        state.live->missed = counts_.total(counter::metrics_missed);
        state.live->errors = counts_.error_total();
        figures_.write(*state.live);
    }
    return state;
}

std::optional<stats::timeline_point> run_monitor::sample(util::steady_time now, bool is_last) {
    if (now - sampled_ < sample_every && !is_last) {
        return std::nullopt;
    }
    // Walks the server's open files: not while the work may want to begin a phase.
    const auto server = server_ ? server_->next(now) : std::nullopt;
    const std::lock_guard lock{mutex_};
    sampled_ = now;
    auto point = sampler_.next(now - started_, online());
    point.server = server;
    figures_.add(point);
    timeline_.add(point);
    return point;
}

std::vector<report::phase_time> run_monitor::phases() const {
    const std::lock_guard lock{mutex_};
    std::vector<report::phase_time> times;
    for (const auto& p : phases_) {
        times.push_back({p.shown.name, p.shown.elapsed});
    }
    return times;
}

std::optional<report::watched_process> run_monitor::watched_process() const {
    return server_ ? std::optional{server_->facts()} : std::nullopt;
}

std::vector<stats::timeline_point> run_monitor::timeseries() const {
    const std::lock_guard lock{mutex_};
    return timeline_.points();
}

} // namespace vsim::app
