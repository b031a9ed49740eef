#pragma once
// What the run phase has and the rest of a run has not: latencies without the ramp, and how busy
// the generator was, for the verdict on the figures themselves. begin() and end() are called by the
// work, tell() when it is over.

#include "app/config.hpp"
#include "net/pool.hpp"
#include "report/honesty.hpp"
#include "report/machine_cpu.hpp"
#include "report/run_result.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace vsim::app {

class run_trust {
public:
    // All of them outlive it.
    run_trust(const run_config& c, const stats::recorder& counts, const net::pool& pool);

    void begin(); // the ramp is complete
    void end();   // the soft stop; only after begin()

    // Splits the latencies of r.stats into ramp and run, judges the run, and blames the generator
    // if it was the bottleneck. Does nothing to a run that had no run phase.
    void tell(report::run_result& r) const;

private:
    struct mark {
        util::steady_time at;
        util::nanoseconds cpu{0};
        std::vector<net::thread_time> threads;
        std::optional<report::machine_cpu> machine;

        static mark now(const net::pool& pool);
    };
    stats::histogram steady(stats::latency l) const; // from begin() on
    void split(report::run_result& r) const;
    report::generator_figures figures(const report::run_result& r) const;

    const run_config& c_;
    const stats::recorder& counts_;
    const net::pool& pool_;
    std::array<stats::histogram, stats::latency_count> ramp_; // of those that are split
    std::uint64_t late_in_ramp_ = 0;
    std::optional<mark> from_, to_;
};

} // namespace vsim::app
