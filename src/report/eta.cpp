#include "report/eta.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace vsim::report {
namespace {

using namespace std::chrono_literals;

constexpr util::nanoseconds earliest = 2s; // before that a speed is chance
constexpr util::nanoseconds quiet = 5s;    // after that long without progress nobody knows
// What is older than this counts less and less: a share of the time so far, within limits.
constexpr double memory_share = 0.5;
constexpr double shortest_memory = 3, longest_memory = 30; // seconds
constexpr double approach = 3;                             // seconds

double in_seconds(util::nanoseconds d) {
    return std::chrono::duration<double>{d}.count();
}

} // namespace

void eta::see(std::uint64_t done, std::uint64_t total, util::nanoseconds elapsed) {
    if (elapsed <= last_at_) {
        return;
    }
    const auto now = in_seconds(elapsed);
    const auto stretch = in_seconds(elapsed - last_at_);
    const auto fade =
        std::exp(-stretch / std::clamp(now * memory_share, shortest_memory, longest_memory));
    gained_ = gained_ * fade + static_cast<double>(done - std::min(done, last_));
    seconds_ = seconds_ * fade + stretch;
    if (done != last_) {
        changed_at_ = elapsed;
    }
    last_ = done;
    last_at_ = elapsed;

    if (done == 0 || done >= total || elapsed < earliest || idle() >= quiet || gained_ <= 0) {
        end_.reset();
        return;
    }
    const auto points_to = now + static_cast<double>(total - done) / speed();
    end_ = end_ ? *end_ + (points_to - *end_) * (1 - std::exp(-stretch / approach)) : points_to;
}

std::optional<util::nanoseconds> eta::remaining() const {
    if (!end_) {
        return std::nullopt;
    }
    constexpr double longest = 1e9; // seconds; what is beyond does not matter to anybody
    const auto left = std::clamp(*end_ - in_seconds(last_at_), 0.0, longest);
    return util::nanoseconds{static_cast<std::int64_t>(left * 1e9)};
}

} // namespace vsim::report
