#include "report/html_parts.hpp"
#include "report/threshold.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

namespace vsim::report {
namespace {

using stats::counter;
using stats::latency;

std::string tile(std::string_view name, const std::string& value, std::string_view note = {}) {
    return fmt::format(
        "<div class=\"tile\"><span>{}</span><b>{}</b><small>{}</small></div>\n",
        escaped(name),
        escaped(value),
        escaped(note)
    );
}

std::string ms_tile(std::string_view title, const stats::histogram& h, double q) {
    return h.count() == 0 ? "" : tile(title, ms_text(h.quantile(q)) + " ms");
}

std::string tiles(const run_result& r) {
    const auto& s = r.stats;
    std::string out = "<div class=\"tiles\">\n";
    out += tile(
        "agents connected",
        grouped(r.fleet.connected_peak),
        fmt::format("of {}", grouped(r.fleet.requested))
    );
    if (const auto live = r.time_in({"ramp", "run"}); live && live->count() > 0) {
        out += tile(
            "metrics messages",
            rate_text(per_second(s[counter::metrics_sent], *live)),
            grouped(s[counter::metrics_sent]) + " in all"
        );
    }
    if (s[counter::history_buckets] > 0) {
        out += tile("history buckets", grouped(s[counter::history_buckets]));
    }
    out += tile("missed samples", grouped(s[counter::metrics_missed]));
    out += tile("errors", grouped(s.error_total()));
    out += ms_tile("fence p99", s[latency::fence], 0.99);
    out += ms_tile("freshness p95", s[latency::freshness], 0.95);
    out += ms_tile("send lag p99", s[latency::send_lag], 0.99);
    if (r.verified) {
        out += tile(
            "rows lost or altered",
            grouped(r.verified->missing() + r.verified->altered()),
            fmt::format("of {}", grouped(r.verified->expected()))
        );
    }
    return out + "</div>\n";
}

std::string thresholds(const run_result& r) {
    if (r.thresholds.empty()) {
        return "";
    }
    std::string out = "<table class=\"thresholds\">\n<thead><tr><th class=\"text\">threshold</th>"
                      "<th>value</th><th class=\"text\"></th></tr></thead>\n<tbody>\n";
    for (const auto& t : r.thresholds) {
        out += fmt::format(
            "<tr class=\"{}\"><th scope=\"row\" class=\"text\"><code>{}</code></th><td>{}</td>"
            "<td class=\"text\">{}</td></tr>\n",
            t.is_ok ? "good" : "bad",
            escaped(t.expression),
            escaped(value_text(t)),
            t.is_ok ? "met" : "not met"
        );
    }
    return out + "</tbody></table>\n";
}

} // namespace

std::string html_title(const run_result& r) {
    return fmt::format(
        "{}: vstats-sim, {} agents, {}",
        r.headline(),
        grouped(r.run.count),
        util::format_rfc3339(r.run.started_at)
    );
}

std::string html_head(const run_result& r) {
    std::string out = fmt::format(
        "<h1><span class=\"verdict {}\">{}</span> {} agents, mode {}, {}</h1>\n"
        "<p class=\"sub\">{} against {}, stopped by {}, exit code {}</p>\n",
        r.passed() ? "good" : "bad",
        r.headline(),
        grouped(r.run.count),
        escaped(r.run.mode),
        seconds_text(r.run.duration),
        util::format_rfc3339(r.run.started_at),
        r.run.embedded ? "the embedded server" : escaped(r.run.server),
        escaped(r.run.stopped_by),
        r.exit_code
    );
    if (!r.findings.empty()) {
        out += "<ul class=\"findings\">\n";
        for (const auto& f : r.findings) {
            out += fmt::format("<li>{} <small>({})</small></li>\n", escaped(f.text), f.exit_code);
        }
        out += "</ul>\n";
    }
    return out + thresholds(r) + tiles(r);
}

} // namespace vsim::report
