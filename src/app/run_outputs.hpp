#pragma once
// Whatever a run leaves behind or shows while it goes on, apart from the console: the files of
// --out, opened before it starts and written at its end or as it goes, and /metrics. From the main
// thread.

#include "app/config.hpp"
#include "app/metrics_endpoint.hpp"
#include "app/run_monitor.hpp"
#include "report/line_file.hpp"
#include "report/output_file.hpp"
#include "report/run_result.hpp"
#include "stats/latency_slices.hpp"
#include "stats/recorder.hpp"
#include "util/error.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vsim::app {

class run_outputs {
public:
    // Opens every file. Errors: io, which names option and path.
    static util::result<run_outputs> open(const std::vector<output_config>& wanted);

    // Listens for scrapes from now on; "" = nobody asked. After hold_signals(): it has a thread.
    // Errors name the option.
    util::result<void> serve_metrics(const std::string& address);

    // Around a run, or each of several: `r` as it is at its start; every point of its time series;
    // at its end, what was collected goes into the result. `counts` and `monitor` are used from
    // begin() to end().
    void begin(const report::run_result& r, const stats::recorder& counts, run_monitor& monitor);
    void follow(const stats::timeline_point& p, bool is_last);
    void end(report::run_result& r);

    // Writes what is written at the end; a message for each file that could not be written.
    std::vector<std::string> write(const report::run_result& r);

    void discard(); // nothing half-made remains, whatever else happens to this object
    bool owns_stdout() const { return owns_stdout_; }

private:
    std::vector<std::pair<output_config::kind, report::output_file>> files_;
    std::vector<report::line_file> lines_; // ndjson
    bool owns_stdout_ = false;
    std::optional<stats::latency_slices> slices_;
    std::unique_ptr<metrics_endpoint> endpoint_;
};

} // namespace vsim::app
