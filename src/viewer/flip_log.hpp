#pragma once
// Agents that were shown as offline although they were not: all pages show the same flip, which
// counts once. Thread-safe.

#include "util/clock.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_map>

namespace vsim::viewer {

class flip_log {
public:
    // Whether no page has told this flip before.
    bool is_new(std::size_t agent, util::wall_time at) {
        const std::lock_guard lock{mutex_};
        const auto [known, is_first] = last_.try_emplace(agent, at);
        const bool is_other = is_first || at - known->second > one_flip;
        known->second = at;
        return is_other;
    }

private:
    // Shorter than the way to online and back.
    static constexpr std::chrono::seconds one_flip{8};

    std::mutex mutex_;
    std::unordered_map<std::size_t, util::wall_time> last_;
};

} // namespace vsim::viewer
