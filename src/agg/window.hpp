#pragma once
// The open buckets of one agent: the newest bucket of each granularity, still being filled. Small
// enough to copy, which is how a sync that fails is undone. Thread-bound.

#include "agg/fold.hpp"
#include "proto/bucket.hpp"

#include <array>
#include <vector>

namespace vsim::agg {

// Complete buckets of each granularity, in time order: what one aggregated_metrics message carries.
struct piece {
    std::array<std::vector<bucket>, proto::granularity_count> buckets;

    std::size_t size() const; // buckets in all
    bool empty() const { return size() == 0; }
    void clear(); // keeps the memory
};

class window {
public:
    // Folds `r` into the bucket of `finest` and, as buckets close, into every coarser one. Buckets
    // that this closes are appended to `closed`. Readings come in time order. `finest` becomes
    // finer only at a boundary of the coarser one's buckets, coarser only after a gap longer than a
    // bucket of it. All readings are of one machine. Returns how many buckets closed.
    std::size_t add(const reading& r, proto::granularity finest, piece& closed);

    // Appends every bucket that is still open, complete so far, and goes on filling it.
    void append_open(piece& out) const;

    // The open bucket of `g`, complete so far (finer open buckets included); index -1 when there is
    // none.
    bucket open(proto::granularity g) const;

private:
    std::size_t close(std::int64_t unix_seconds, piece& closed);

    std::array<bucket, proto::granularity_count> open_{}; // each without what finer open ones hold
};

} // namespace vsim::agg
