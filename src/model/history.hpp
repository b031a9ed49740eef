#pragma once
// Buckets straight from the model: walks a machine's samples in time order and hands out what they
// fold to, piece by piece, so that a year never sits in memory. The same walk serves the history
// phase (from the far past) and a realtime sync (from the last one). Thread-bound.
//
// From shortly before the `anchor` on, every scheduled sample is taken; further back, where only
// coarser granularities are kept, fewer are taken and each carries the weight of those it stands
// for, so that sums, counts and maxima of all granularities stay consistent. Where the step changes
// is in history.cpp. While a machine is silent, none are taken. Walks of one machine with one
// anchor give the same buckets, whenever they are made and however they are divided.

#include "agg/window.hpp"
#include "model/machine.hpp"
#include "model/reading_track.hpp"
#include "model/schedule.hpp"

#include <array>

namespace vsim::model {

// Of each granularity the index of the first bucket that is wanted.
using first_buckets = std::array<std::int64_t, proto::granularity_count>;

// Every bucket that is still kept at `now` (protocol.md 3.3).
first_buckets retained_at(util::wall_time now);

class history {
public:
    // Samples in (from, to]. `start` holds the open buckets at `from`: empty for a machine that is
    // new. Earlier buckets than `first` are not handed out.
    history(
        const machine& m,
        const schedule& s,
        const agg::window& start,
        util::wall_time from,
        util::wall_time to,
        util::wall_time anchor,
        const first_buckets& first
    );
    // With `to` as the anchor, and every bucket that is kept at `to`.
    history(
        const machine& m,
        const schedule& s,
        const agg::window& start,
        util::wall_time from,
        util::wall_time to
    );

    // Clears `out` and fills it with the next buckets, `max_buckets` of them or a few more; the
    // last piece also holds every bucket still open at `to`, complete so far. False when there was
    // nothing left.
    bool next(agg::piece& out, std::size_t max_buckets);

    // How far the walk has come: `from` ... `to`. For progress bars.
    util::wall_time position() const;

    // The open buckets at `to`, once next() has returned false: the start of the following walk.
    const agg::window& end_window() const { return window_; }

private:
    // A stretch of time in which samples are `step` apart and `finest` is the finest granularity
    // kept.
    struct tier {
        util::wall_time end;       // exclusive
        std::chrono::seconds step; // 0 = every scheduled sample
        proto::granularity finest;
    };
    std::size_t take(const tier& t); // how many buckets closed
    void drop_unwanted(agg::piece& p) const;

    reading_track machine_;
    agg::reading reading_; // the last
    schedule schedule_;
    agg::window window_;
    first_buckets first_;
    std::array<tier, 5> tiers_; // oldest first
    std::size_t tier_ = 0;      // that next_ lies in, or an older one
    util::wall_time to_;
    util::wall_time next_;                          // everything before is folded
    util::wall_time last_ = util::wall_time::min(); // the sample taken last
    agg::piece closed_;                             // being filled
    bool finished_ = false;
};

} // namespace vsim::model
