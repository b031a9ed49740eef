#pragma once
// The figures of a run that a threshold can name: latencies and counters under their names in the
// catalog, and a table of the rest. Reentrant.

#include "report/run_result.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

// What a figure is counted in, and so what units its limit may have.
enum class dimension {
    number,
    time,           // nanoseconds
    micros,         // microseconds
    size,           // bytes
    share,          // percent
    per_second,     // number
    size_per_second // bytes
};

enum class statistic { none, count, min, mean, p50, p90, p95, p99, p999, max, rate };
std::string_view name(statistic s);
std::optional<statistic> statistic_named(std::string_view name);

// A value, or why there is none.
struct reading {
    std::optional<double> value{};
    std::string why{};

    static reading none(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

// Where a figure is read from: the whole run, or a window of it.
struct figures {
    const run_result& run;
    const stats::snapshot& stats;
    std::optional<util::nanoseconds> window; // its length; absent: the whole run
};

struct metric {
    enum class kind { latency, counter, errors_of_kind, figure };

    std::string_view name;
    kind what = kind::figure;
    std::size_t place = 0; // in the catalog, or in the table of figures

    bool has_window() const; // whether @last fits
    bool accepts(statistic s) const;
    std::vector<statistic> statistics() const;
    dimension of(statistic s) const;
    // `error_kind` is that of errors{KIND}.
    reading read(statistic s, std::string_view error_kind, const figures& from) const;
};

const std::vector<metric>& metrics();
std::optional<std::size_t> find_metric(std::string_view name);

} // namespace vsim::report
