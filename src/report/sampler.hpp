#pragma once
// Makes the points of the time series: what the counters gained since the last point, and what the
// process uses. Thread-bound; the recorder outlives it.

#include "report/machine_cpu.hpp"
#include "report/process_usage.hpp"
#include "stats/recorder.hpp"
#include "stats/timeline.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace vsim::report {

class sampler {
public:
    // Counting begins now.
    explicit sampler(const stats::recorder& from);

    // The point that ends at `t` (since the start of the run, growing), with `connected` agents.
    stats::timeline_point next(util::nanoseconds t, std::uint64_t connected);

private:
    static constexpr std::array watched_latencies{
        stats::latency::send_lag,
        stats::latency::fence,
        stats::latency::fence_uncorrected,
        stats::latency::freshness,
        stats::latency::history_read,
    };
    struct totals {
        std::uint64_t metrics = 0;
        std::uint64_t bytes = 0;
        std::uint64_t errors = 0;
        std::uint64_t missed = 0;
        std::array<stats::histogram, watched_latencies.size()> latencies;
        util::nanoseconds cpu{0};
        std::optional<machine_cpu> machine{};
    };
    totals read(const process_usage& usage) const;

    const stats::recorder* from_;
    util::nanoseconds last_t_{0};
    totals last_;
};

} // namespace vsim::report
