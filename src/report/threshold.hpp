#pragma once
// Conditions on the figures of a run: METRIC[.STAT] OP VALUE[UNIT][@last=TIME]. Read from what
// users type, judged over a finished run; nothing here measures. Reentrant.

#include "report/metric.hpp"
#include "report/run_result.hpp"
#include "report/window.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

enum class comparison { less, at_most, greater, at_least, equal, different };

// Only parse_threshold makes them.
struct threshold {
    std::string expression; // as typed
    std::size_t which = 0;  // its place in metrics()
    std::string error_kind; // of errors{KIND}
    statistic stat = statistic::none;
    comparison op = comparison::less;
    dimension of = dimension::number;
    double limit = 0; // in the unit of the dimension
    std::string unit; // as typed; what one of it is in the unit of the dimension
    double unit_size = 1;
    std::optional<util::nanoseconds> last; // absent: the whole run
};

// The message names the expression, what is wrong with it and what is accepted, the nearest first.
util::result<threshold> parse_threshold(std::string_view text);
std::string text_of(const threshold& t);

// What has to take place for it to be measured.
bool needs_fence(const threshold& t);
bool needs_viewers(const threshold& t);
bool needs_readers(const threshold& t);
bool needs_verification(const threshold& t);

// The windows that these need: one for each length.
std::vector<window_request> windows_of(const std::vector<threshold>& all);

// `windows` are those of the run; only a threshold with @last looks at them.
threshold_result evaluate(const threshold& t, const run_result& r, std::span<const window> windows);

// "31.2 ms", "not measured: --viewers is 0".
std::string value_text(const threshold_result& t);

// What an expression is about: "fence.p99", "metrics.sent.rate@last=60s".
std::string subject_of(const threshold_result& t);
// "[ 31.2 ms < 50 ms ]", or why there is no value.
std::string comparison_text(const threshold_result& t);

// "31.2 ms", "0.1%", "1,600/s".
std::string number_text(double value, std::string_view unit);

// How far the value is from the limit: 1 = on it, 0.9 = a tenth below. Absent where that says
// nothing (no value, a limit of 0).
std::optional<double> ratio_to_limit(const threshold_result& t);

inline constexpr std::string_view threshold_grammar = "METRIC[.STAT] OP VALUE[UNIT][@last=TIME]";
// Grammar, metrics, units: for --help-thresholds.
std::string threshold_help();

} // namespace vsim::report
