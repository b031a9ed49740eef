#pragma once
// Every latency over time: a histogram for each few seconds, as bytes (histogram_codec.hpp), in
// bounded memory. When there are more than `capacity` slices, neighbours are joined two by two and
// every further one covers twice the time. A plain value; thread-bound; the recorder outlives it.

#include "stats/catalog.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace vsim::stats {

// Times since the start of the run.
struct latency_slice {
    util::nanoseconds from{0};
    util::nanoseconds until{0};
    std::array<std::string, latency_count> encoded; // "" = nothing was recorded
};

class latency_slices {
public:
    static constexpr std::size_t default_capacity = 720;

    // Counting begins at 0, with what `from` holds then taken as nothing.
    explicit latency_slices(
        const recorder& from,
        util::nanoseconds width = std::chrono::seconds{5},
        std::size_t capacity = default_capacity // at least 2
    );

    // Ends a slice at `t` (growing) if it is wide enough, or the last.
    void sample(util::nanoseconds t, bool is_last = false);
    const std::vector<latency_slice>& all() const { return slices_; }

private:
    const recorder* from_;
    util::nanoseconds width_;
    std::size_t capacity_;
    std::array<histogram, latency_count> totals_; // at the end of the last slice
    util::nanoseconds ended_{0};
    std::vector<latency_slice> slices_;
};

} // namespace vsim::stats
