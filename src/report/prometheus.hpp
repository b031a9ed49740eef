#pragma once
// A run while it goes on, for Prometheus to scrape: every counter and latency of the catalog,
// errors by kind, what the process uses, the phase. In the text format, base units. Reentrant.

#include "report/process_usage.hpp"
#include "report/run_result.hpp"
#include "stats/recorder.hpp"

#include <cstdint>
#include <string>

namespace vsim::report {

struct live_facts {
    tool_facts tool;
    util::wall_time started_at{};
    std::string phase; // that goes on; "" = none
    std::uint64_t agents_requested = 0;
    std::uint64_t agents_online = 0;
    process_usage usage;
    stats::snapshot stats;
};

std::string to_prometheus(const live_facts& live);

} // namespace vsim::report
