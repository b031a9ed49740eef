#include "app/run_monitor.hpp"

#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

using stats::counter;

constexpr auto sample_every = std::chrono::seconds{1};

} // namespace

run_monitor::run_monitor(const stats::recorder& counts, std::uint64_t requested)
    : counts_{counts}, requested_{requested}, started_{std::chrono::steady_clock::now()},
      sampler_{counts}, sampled_{started_} {}

void run_monitor::begin(
    std::string name, report::phase_progress::unit of, std::uint64_t total, amount done
) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    phases_.push_back({{.name = std::move(name), .of = of, .total = total}, now, std::move(done)});
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
        }
        state.phases.push_back(p.shown);
    }
    if (fleet_) {
        const std::chrono::duration<double> stretch = stretch_;
        const auto each_second = [&](std::uint64_t n) {
            return stretch.count() > 0 ? static_cast<double>(n) / stretch.count() : 0;
        };
        state.live = report::live_status{
            .connected = online(),
            .requested = requested_,
            .metrics_sent = counts_.total(counter::metrics_sent),
            .metrics_per_second = last_ ? each_second(last_->metrics_sent) : 0,
            .bytes_per_second = last_ ? each_second(last_->bytes_sent) : 0,
            .errors = counts_.error_total(),
            .send_lag_p99 = last_ ? last_->send_lag_p99 : std::nullopt,
        };
    }
    return state;
}

std::optional<stats::timeline_point> run_monitor::sample(util::steady_time now, bool is_last) {
    const std::lock_guard lock{mutex_};
    if (now - sampled_ < sample_every && !is_last) {
        return std::nullopt;
    }
    stretch_ = now - sampled_;
    sampled_ = now;
    last_ = sampler_.next(now - started_, online());
    timeline_.add(*last_);
    return last_;
}

std::vector<report::phase_time> run_monitor::phases() const {
    const std::lock_guard lock{mutex_};
    std::vector<report::phase_time> times;
    for (const auto& p : phases_) {
        times.push_back({p.shown.name, p.shown.elapsed});
    }
    return times;
}

std::vector<stats::timeline_point> run_monitor::timeseries() const {
    const std::lock_guard lock{mutex_};
    return timeline_.points();
}

} // namespace vsim::app
