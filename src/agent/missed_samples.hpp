#pragma once
// The samples that an agent took while it was away, as batch_metrics messages (protocol.md 2.8): at
// most 50 items each, because the real server has a queue of 100 for them, and a rest between two.
// Sans I/O; thread-bound.

#include "agent/past.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::agent {

class missed_samples {
public:
    static constexpr std::size_t items_a_batch = 50;
    static constexpr util::milliseconds rest{100};
    static constexpr std::int64_t most_samples = 10'000; // the real agent's cap
    static constexpr std::chrono::hours oldest{24};      // and its other one

    // Samples in (from, to]; the newest of them that the caps allow.
    missed_samples(const model::schedule& s, util::wall_time from, util::wall_time to);

    bool is_empty() const { return next_ > to_; }
    // Samples after that are in none of the batches so far.
    util::wall_time sent_until() const { return next_ - util::nanoseconds{1}; }
    // The next batch, sent at `now`. Precondition: !is_empty().
    std::string
    next(const subject& who, const past& lived, std::string_view hostname, util::steady_time now);
    // How long the server took, if that batch was ours and unanswered.
    std::optional<util::nanoseconds> acknowledge(const std::string& id, util::steady_time now);
    std::size_t unanswered() const { return sent_.size(); }

private:
    model::schedule schedule_;
    util::wall_time next_, to_;
    std::uint32_t batches_ = 0;
    std::map<std::string, util::steady_time> sent_;
};

} // namespace vsim::agent
