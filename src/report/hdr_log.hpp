#pragma once
// The latencies as an HdrHistogram interval log, version 1.3, whose tools (HistogramLogProcessor,
// HistogramLogAnalyzer ...) open it: a tag for each latency that has values, values in
// nanoseconds, times in seconds since the start, the column of maxima in milliseconds. A latency's
// lines add up to the whole run. Reentrant.

#include "report/run_result.hpp"

#include <string>

namespace vsim::report {

std::string to_hdr_log(const run_result& r);

} // namespace vsim::report
