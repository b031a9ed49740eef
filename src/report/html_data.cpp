#include "report/html_parts.hpp"
#include "report/json_writer.hpp"
#include "report/measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace vsim::report {
namespace {

using point = stats::timeline_point;
using watched = stats::watched_point;
constexpr double absent = std::numeric_limits<double>::quiet_NaN(); // null in JSON

double ms(std::optional<util::nanoseconds> d) {
    return d ? in_ms(*d) : absent;
}

struct series {
    std::string_view name;
    double (*of)(const point& p, double seconds); // that the point covers
};

constexpr series plain_series[]{
    {"connected", [](const point& p, double) { return static_cast<double>(p.connected); }},
    {"messages", [](const point& p, double s) { return static_cast<double>(p.metrics_sent) / s; }},
    {"bytes", [](const point& p, double s) { return static_cast<double>(p.bytes_sent) / s; }},
    {"errors", [](const point& p, double s) { return static_cast<double>(p.errors) / s; }},
    {"missed", [](const point& p, double s) { return static_cast<double>(p.missed) / s; }},
    {"send_lag_p99", [](const point& p, double) { return ms(p.send_lag_p99); }},
    {"fence_p50", [](const point& p, double) { return ms(p.fence_p50); }},
    {"fence_p99", [](const point& p, double) { return ms(p.fence_p99); }},
    {"fence_uncorrected_p99", [](const point& p, double) { return ms(p.fence_uncorrected_p99); }},
    {"freshness_p50", [](const point& p, double) { return ms(p.freshness_p50); }},
    {"freshness_p95", [](const point& p, double) { return ms(p.freshness_p95); }},
    {"history_read_p95", [](const point& p, double) { return ms(p.history_read_p95); }},
    {"cpu", [](const point& p, double) { return p.cpu_pct; }},
    {"rss", [](const point& p, double) { return static_cast<double>(p.rss_bytes); }},
    {"steal", [](const point& p, double) { return p.steal_pct.value_or(absent); }},
};

struct server_series {
    std::string_view name;
    double (*of)(const watched& s);
};

constexpr server_series of_server[]{
    {"server_cpu", [](const watched& s) { return s.cpu_pct; }},
    {"server_rss", [](const watched& s) { return static_cast<double>(s.rss_bytes); }},
    {"server_threads", [](const watched& s) { return static_cast<double>(s.threads); }},
    {"server_fds", [](const watched& s) { return s.fds ? static_cast<double>(*s.fds) : absent; }},
    {"server_read", [](const watched& s) { return s.read_bytes_per_s.value_or(absent); }},
    {"server_written", [](const watched& s) { return s.written_bytes_per_s.value_or(absent); }},
};

// Four significant digits are more than a chart shows.
double short_of(double x) {
    if (!std::isfinite(x) || x == 0) {
        return x;
    }
    const auto scale = std::pow(10, 3 - std::floor(std::log10(std::abs(x))));
    return scale >= 1 ? std::round(x * scale) / scale : std::round(x);
}

void write_series(json_writer& j, std::string_view name, const std::vector<double>& values) {
    if (std::ranges::all_of(values, [](double v) { return std::isnan(v); })) {
        return;
    }
    j.begin_array(name);
    for (const auto v : values) {
        j.item(short_of(v));
    }
    j.end_array();
}

void write_timeseries(json_writer& j, const std::vector<point>& points) {
    j.begin_array("t");
    for (const auto& p : points) {
        j.item(in_hundredths(in_s(p.t)));
    }
    j.end_array();
    j.begin_object("series");
    for (const auto& s : plain_series) {
        std::vector<double> values;
        util::nanoseconds before{0};
        for (const auto& p : points) {
            values.push_back(s.of(p, std::max(1e-3, in_s(p.t - before))));
            before = p.t;
        }
        write_series(j, s.name, values);
    }
    for (const auto& s : of_server) {
        std::vector<double> values;
        for (const auto& p : points) {
            values.push_back(p.server ? s.of(*p.server) : absent);
        }
        write_series(j, s.name, values);
    }
    j.end_object();
}

void write_phases(json_writer& j, const run_result& r) {
    j.begin_array("phases");
    util::nanoseconds from{0}; // they follow each other closely
    for (const auto& p : r.phases) {
        j.begin_object();
        j.member("name", p.name);
        j.member("from", in_s(from));
        j.member("until", in_s(from + p.took));
        j.end_object();
        from += p.took;
    }
    j.end_array();
}

void write_events(
    json_writer& j,
    std::string_view what,
    const std::vector<scripted_event>& events,
    util::wall_time start
) {
    const auto since = [start](util::wall_time t) {
        return in_s(std::chrono::duration_cast<util::nanoseconds>(t - start));
    };
    for (const auto& e : events) {
        j.begin_object();
        j.member("what", what);
        j.member("kind", e.kind);
        j.member("from", since(e.from));
        j.member("until", since(e.until));
        j.end_object();
    }
}

// From share 0 to the one that the count can tell, where the maximum is: one in so many.
void write_distribution(json_writer& j, const stats::histogram& h) {
    constexpr double steps = 8; // a power of ten
    j.begin_array("points");
    const auto last = std::log10(static_cast<double>(h.count()));
    for (double x = 0; x < last + 1 / steps; x += 1 / steps) {
        const auto at = std::min(x, last);
        j.begin_array();
        j.item(std::round(at * 1e4) / 1e4);
        j.item(in_ms(at == last ? h.max() : h.quantile(1 - std::pow(10, -at))));
        j.end_array();
    }
    j.end_array();
}

} // namespace

std::string html_data(const run_result& r) {
    json_writer j;
    j.begin_object();
    write_timeseries(j, r.timeseries);
    write_phases(j, r);
    j.begin_array("events");
    const auto start = r.run.clock.value_or(r.run.started_at);
    write_events(j, "incident", r.incidents, start);
    write_events(j, "outage", r.outages, start);
    j.end_array();
    if (r.freshness && r.freshness->floor.count() > 0) {
        j.member("freshness_floor", in_ms(r.freshness->floor));
    }
    j.begin_array("distributions");
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        const auto which = static_cast<stats::latency>(i);
        if (r.stats[which].count() == 0) {
            continue;
        }
        j.begin_object();
        j.member("name", name(which));
        write_distribution(j, r.stats[which]);
        j.end_object();
    }
    j.end_array();
    j.end_object();
    std::string made;
    for (const char c : j.text()) {
        if (c == '<') { // "</script>" ends a script wherever it stands
            made += "\\u003c";
        } else {
            made += c;
        }
    }
    return made;
}

} // namespace vsim::report
