#include "report/metric.hpp"

#include "report/figure.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vsim::report {
namespace {

using stats::counter;
using stats::latency;

constexpr std::array<std::pair<std::string_view, statistic>, 10> statistic_names{{
    {"count", statistic::count},
    {"min", statistic::min},
    {"mean", statistic::mean},
    {"p50", statistic::p50},
    {"p90", statistic::p90},
    {"p95", statistic::p95},
    {"p99", statistic::p99},
    {"p999", statistic::p999},
    {"max", statistic::max},
    {"rate", statistic::rate},
}};

double in_ns(util::nanoseconds d) {
    return static_cast<double>(d.count());
}

// --- Latencies

std::string why_no_values(latency which, const figures& from) {
    switch (which) {
    case latency::fence:
    case latency::fence_uncorrected:
        return from.stats[counter::fences_sent] == 0 ? "--fence is off, or nothing was sent"
                                                     : "no pong came";
    case latency::freshness:
    case latency::freshness_excess:
        return from.run.freshness ? "no viewer saw a sample" : "--viewers is 0";
    case latency::history_read:
        return "--readers is 0, or none was answered";
    default:
        return "there was none";
    }
}

double value_of(const stats::histogram& h, statistic s) {
    switch (s) {
    case statistic::count:
        return static_cast<double>(h.count());
    case statistic::min:
        return in_ns(h.min());
    case statistic::mean:
        return h.mean_ns();
    case statistic::p50:
        return in_ns(h.quantile(0.5));
    case statistic::p90:
        return in_ns(h.quantile(0.9));
    case statistic::p95:
        return in_ns(h.quantile(0.95));
    case statistic::p99:
        return in_ns(h.quantile(0.99));
    case statistic::p999:
        return in_ns(h.quantile(0.999));
    case statistic::max:
        return in_ns(h.max());
    case statistic::rate:
    case statistic::none:
        break;
    }
    return 0;
}

reading read_latency(latency which, statistic s, const figures& from) {
    const auto& h = from.stats[which];
    if (h.count() == 0) {
        return reading::none(why_no_values(which, from));
    }
    return {value_of(h, s)};
}

// --- Counters

// A 0 of something that was not looked at is no figure. "" = it was.
std::string_view why_not_counted(std::string_view counter_name, const figures& from) {
    if (counter_name.starts_with("fence.") && from.run.stats[counter::fences_sent] == 0) {
        return "--fence is off, or nothing was sent";
    }
    if ((counter_name.starts_with("viewers.") || counter_name.starts_with("freshness.")) &&
        !from.run.freshness) {
        return "--viewers is 0";
    }
    if (counter_name.starts_with("readers.") && from.run.stats[counter::history_reads] == 0) {
        return "--readers is 0, or none was answered";
    }
    return "";
}

std::optional<util::nanoseconds> time_of(std::string_view counter_name, const run_result& r) {
    if (counter_name.starts_with("history.")) {
        return r.time_in({"history"});
    }
    if (counter_name == name(counter::servers_registered)) {
        return r.time_in({"register"});
    }
    if (counter_name == name(counter::servers_deleted)) {
        return r.time_in({"cleanup"});
    }
    return r.time_in({"ramp", "run"});
}

reading read_counter(counter which, statistic s, const figures& from) {
    const auto called = name(which);
    if (const auto why = why_not_counted(called, from); !why.empty()) {
        return reading::none(std::string{why});
    }
    const auto n = static_cast<double>(from.stats[which]);
    if (s != statistic::rate) {
        return {n};
    }
    const auto time = from.window ? from.window : time_of(called, from.run);
    if (!time || time->count() <= 0) {
        return reading::none("there was no time to count in");
    }
    return {n * 1e9 / in_ns(*time)};
}

constexpr std::string_view errors_of_kind = "errors{KIND}";

std::vector<metric> all_metrics() {
    std::vector<metric> all;
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        all.push_back({name(static_cast<latency>(i)), metric::kind::latency, i});
    }
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        all.push_back({name(static_cast<counter>(i)), metric::kind::counter, i});
    }
    all.push_back({errors_of_kind, metric::kind::errors_of_kind, 0});
    for (std::size_t i = 0; i < other_figures().size(); ++i) {
        all.push_back({other_figures()[i].name, metric::kind::figure, i});
    }
    return all;
}

} // namespace

std::string_view name(statistic s) {
    const auto found =
        std::ranges::find(statistic_names, s, &decltype(statistic_names)::value_type::second);
    return found == statistic_names.end() ? "" : found->first;
}

std::optional<statistic> statistic_named(std::string_view text) {
    const auto found =
        std::ranges::find(statistic_names, text, &decltype(statistic_names)::value_type::first);
    return found == statistic_names.end() ? std::nullopt : std::optional{found->second};
}

bool metric::has_window() const {
    return what != kind::figure || other_figures()[place].has_window;
}

std::vector<statistic> metric::statistics() const {
    std::vector<statistic> all;
    for (const auto& [word, s] : statistic_names) {
        const bool is_simple = s == statistic::count || s == statistic::rate;
        if (what == kind::latency ? s != statistic::rate : what != kind::figure && is_simple) {
            all.push_back(s);
        }
    }
    return all;
}

bool metric::accepts(statistic s) const {
    if (s == statistic::none) {
        return what != kind::latency;
    }
    const auto all = statistics();
    return std::ranges::find(all, s) != all.end();
}

dimension metric::of(statistic s) const {
    switch (what) {
    case kind::latency:
        return s == statistic::count ? dimension::number : dimension::time;
    case kind::counter:
        if (name.ends_with(".bytes")) {
            return s == statistic::rate ? dimension::size_per_second : dimension::size;
        }
        return s == statistic::rate ? dimension::per_second : dimension::number;
    case kind::errors_of_kind:
        return s == statistic::rate ? dimension::share : dimension::number;
    case kind::figure:
        break;
    }
    return other_figures()[place].of;
}

reading metric::read(statistic s, std::string_view error_kind, const figures& from) const {
    switch (what) {
    case kind::latency:
        return read_latency(static_cast<latency>(place), s, from);
    case kind::counter:
        return read_counter(static_cast<counter>(place), s, from);
    case kind::errors_of_kind: {
        const auto found = from.stats.errors.find(std::string{error_kind});
        const auto n = found == from.stats.errors.end() ? 0 : found->second.count;
        return s == statistic::rate ? share_of_attempts(n, from.stats)
                                    : reading{static_cast<double>(n)};
    }
    case kind::figure:
        break;
    }
    return other_figures()[place].read(from);
}

const std::vector<metric>& metrics() {
    static const auto all = all_metrics();
    return all;
}

std::optional<std::size_t> find_metric(std::string_view wanted) {
    const auto& all = metrics();
    const auto found = std::ranges::find(all, wanted, &metric::name);
    return found == all.end() ? std::nullopt
                              : std::optional{static_cast<std::size_t>(found - all.begin())};
}

} // namespace vsim::report
