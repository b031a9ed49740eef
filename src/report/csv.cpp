#include "report/csv.hpp"

#include "report/measures.hpp"

#include <fmt/format.h>

#include <concepts>
#include <optional>
#include <string_view>

namespace vsim::report {
namespace {

using point = stats::timeline_point;

std::string cell(std::optional<util::nanoseconds> d) {
    return d ? fmt::to_string(in_ms(*d)) : "";
}

std::string text_of(double x) {
    return fmt::to_string(in_hundredths(x));
}
template <std::integral Number>
std::string text_of(Number n) {
    return fmt::to_string(n);
}
template <class Number>
std::string text_of(const std::optional<Number>& n) {
    return n ? text_of(*n) : "";
}

template <class Member>
std::string of_server(const point& p, Member stats::watched_point::* which) {
    return p.server ? text_of((*p.server).*which) : "";
}

struct column {
    std::string_view name;
    std::string (*text)(const point&);
};
using watched = stats::watched_point;

// None holds a comma, a quote or a line break, so none needs quoting.
constexpr column columns[]{
    {"t_s", [](const point& p) { return fmt::to_string(in_s(p.t)); }},
    {"connected", [](const point& p) { return fmt::to_string(p.connected); }},
    {"metrics_sent", [](const point& p) { return fmt::to_string(p.metrics_sent); }},
    {"bytes_sent", [](const point& p) { return fmt::to_string(p.bytes_sent); }},
    {"errors", [](const point& p) { return fmt::to_string(p.errors); }},
    {"missed", [](const point& p) { return fmt::to_string(p.missed); }},
    {"send_lag_p99_ms", [](const point& p) { return cell(p.send_lag_p99); }},
    {"fence_p50_ms", [](const point& p) { return cell(p.fence_p50); }},
    {"fence_p99_ms", [](const point& p) { return cell(p.fence_p99); }},
    {"fence_uncorrected_p99_ms", [](const point& p) { return cell(p.fence_uncorrected_p99); }},
    {"freshness_p50_ms", [](const point& p) { return cell(p.freshness_p50); }},
    {"freshness_p95_ms", [](const point& p) { return cell(p.freshness_p95); }},
    {"history_read_p95_ms", [](const point& p) { return cell(p.history_read_p95); }},
    {"cpu_pct", [](const point& p) { return text_of(p.cpu_pct); }},
    {"rss_bytes", [](const point& p) { return fmt::to_string(p.rss_bytes); }},
    {"steal_pct", [](const point& p) { return text_of(p.steal_pct); }},
    {"server_cpu_pct", [](const point& p) { return of_server(p, &watched::cpu_pct); }},
    {"server_rss_bytes", [](const point& p) { return of_server(p, &watched::rss_bytes); }},
    {"server_threads", [](const point& p) { return of_server(p, &watched::threads); }},
    {"server_fds", [](const point& p) { return of_server(p, &watched::fds); }},
    {"server_read_bytes_per_s",
     [](const point& p) { return of_server(p, &watched::read_bytes_per_s); }},
    {"server_written_bytes_per_s",
     [](const point& p) { return of_server(p, &watched::written_bytes_per_s); }},
};

template <class Text>
std::string line(Text text_of) {
    std::string made;
    for (const auto& c : columns) {
        made += c.name == columns[0].name ? "" : ",";
        made += text_of(c);
    }
    return made + "\r\n";
}

} // namespace

std::string to_csv(const run_result& r) {
    auto text = line([](const column& c) { return c.name; });
    for (const auto& p : r.timeseries) {
        text += line([&p](const column& c) { return c.text(p); });
    }
    return text;
}

} // namespace vsim::report
