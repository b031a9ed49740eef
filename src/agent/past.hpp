#pragma once
// What an agent has lived through. With the model this is all of its local store (protocol.md 5.3):
// every bucket that it would hold follows from here, so none is held. A plain value; reentrant.

#include "agg/window.hpp"
#include "model/history.hpp"
#include "model/machine.hpp"
#include "model/schedule.hpp"
#include "model/targets.hpp"
#include "proto/server_msg.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace vsim::agent {

using target_set_ptr = std::shared_ptr<const model::target_set>;

struct past {
    struct epoch {
        util::wall_time after; // its samples come later than this
        target_set_ptr targets;
    };

    util::wall_time origin;    // there are no samples at or before
    util::wall_time anchor;    // of its walks (model/history.hpp)
    std::vector<epoch> epochs; // in time order; never empty, the first reaches back to the origin

    const target_set_ptr& targets() const { return epochs.back().targets; }
    const target_set_ptr& targets_at(util::wall_time t) const; // of a sample at `t`
    // From the samples after `t` on.
    void follow(target_set_ptr t, util::wall_time after);
};

// Up to `at` everything has been sent; `open` holds the buckets that were open then, complete so
// far.
struct sync_point {
    agg::window open;
    util::wall_time at{};
};

// Every bucket from `first` on is open there, or begins later.
bool is_behind(const sync_point& p, const model::first_buckets& first);

// The machine, but for what it pings.
struct subject {
    std::uint64_t seed;
    std::uint32_t index;
    util::milliseconds interval;
    model::circumstances around; // its targets are not used

    model::machine machine(const model::target_set& t) const;
    model::schedule samples() const { return {seed, index, interval}; }
};

// The past from a point on, as buckets. What it was made from outlives it. Thread-bound.
class walk {
public:
    walk(
        const subject& who,
        const past& lived,
        const sync_point& from,
        util::wall_time to,
        const model::first_buckets& first
    );
    // As model::history.
    bool next(agg::piece& out, std::size_t max_buckets);
    // Once next() has returned false.
    const agg::window& end_window() const { return part_->end_window(); }
    // Of the rows handed out.
    const model::target_set& targets() const { return *lived_->targets(); }

private:
    void begin_part(const agg::window& open, util::wall_time from);

    const subject* who_;
    const past* lived_;
    util::wall_time to_;
    model::first_buckets first_;
    std::size_t epoch_ = 0;
    util::wall_time part_end_{};
    std::optional<model::history> part_;
};

// How far the server's knowledge of an agent reaches, as it says in its answer to auth: the index
// of the newest bucket of each granularity, -1 where it has none.
struct reach {
    model::first_buckets newest;

    static reach of(const proto::auth_reply& welcome);
    bool is_nothing() const;
    bool is_behind(const agg::window& sent) const; // it lacks one of these
    // The end of the newest of the finest buckets it has.
    std::optional<util::wall_time> last_seen() const;
};

// What a returning agent sends (protocol.md 5.4): of a granularity of which the server has nothing
// everything that is kept, else every bucket from the newest one on, which may be incomplete. And
// also what had been sent within `doubt` before the server last heard of the agent, or was not
// `safe` yet: it may have been lost on its way or before it was stored.
model::first_buckets
wanted_after(const reach& r, util::wall_time safe, util::nanoseconds doubt, util::wall_time now);

} // namespace vsim::agent
