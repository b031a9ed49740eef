#include "report/trust_text.hpp"

#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

namespace vsim::report {
namespace {

using stats::latency;

double rounded(double x, double steps) {
    return std::round(x * steps) / steps;
}

double in_ms(util::nanoseconds d) {
    return rounded(static_cast<double>(d.count()) / 1e6, 1e3);
}

void write_texts(json_writer& j, std::string_view name, const std::vector<std::string>& texts) {
    j.begin_array(name);
    for (const auto& t : texts) {
        j.item(t);
    }
    j.end_array();
}

void write_shares(json_writer& j, std::string_view name, const std::vector<double>& shares) {
    j.begin_array(name);
    for (const auto s : shares) {
        j.item(rounded(s, 1e4));
    }
    j.end_array();
}

double mean(const std::vector<double>& shares) {
    return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

} // namespace

void write_honesty(json_writer& j, const run_result& r) {
    const auto& h = r.trust;
    if (!h.is_judged) {
        return;
    }
    j.begin_object("honesty");
    j.member("valid", h.is_valid);
    write_texts(j, "reasons", h.reasons);
    write_texts(j, "warnings", h.warnings);
    j.member("max_lag_ms", in_ms(h.max_lag));
    if (h.own_lag_p99) {
        j.member("own_lag_p99_ms", in_ms(*h.own_lag_p99));
    }
    j.member("late", h.late);
    j.member("cpu_pct", rounded(h.cpu_pct, 100));
    write_shares(j, "threads_busy", h.threads_busy);
    if (!h.threads_waiting.empty()) {
        write_shares(j, "threads_waiting", h.threads_waiting);
    }
    if (h.machine_pct) {
        j.member("machine_pct", rounded(*h.machine_pct, 100));
    }
    if (h.steal_pct) {
        j.member("steal_pct", rounded(*h.steal_pct, 100));
    }
    j.end_object();
}

std::vector<std::pair<std::string, std::string>> trust_entries(const run_result& r) {
    const auto& h = r.trust;
    if (!h.is_judged) {
        return {};
    }
    std::vector<std::pair<std::string, std::string>> list;
    if (h.own_lag_p99) {
        list.emplace_back(
            "own lag",
            fmt::format(
                "p99 {} ms of the {} ms that --max-lag grants, {} samples skipped for it",
                ms_text(*h.own_lag_p99),
                ms_text(h.max_lag),
                grouped(h.late)
            )
        );
    }
    auto cpu = fmt::format(
        "{:.1f} % of a core{}", h.cpu_pct, r.run.embedded ? " (with the embedded server)" : ""
    );
    if (!h.threads_busy.empty()) {
        cpu += fmt::format(
            ", {} {} busy {:.1f} %",
            h.threads_busy.size(),
            h.threads_busy.size() == 1 ? "thread" : "threads",
            100 * mean(h.threads_busy)
        );
    }
    if (!h.threads_waiting.empty()) {
        cpu += fmt::format(", without a core {:.1f} %", 100 * mean(h.threads_waiting));
    }
    list.emplace_back("CPU", cpu);
    if (h.machine_pct && h.steal_pct) {
        list.emplace_back(
            "machine", fmt::format("{:.1f} % in use, {:.1f} % stolen", *h.machine_pct, *h.steal_pct)
        );
    }
    for (const auto& w : h.warnings) {
        list.emplace_back("warning", w);
    }
    return list;
}

std::string ramp_note(const run_result& r) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < r.ramp.size(); ++i) {
        if (r.ramp[i].count() > 0) {
            parts.push_back(fmt::format(
                "{} {}", name(static_cast<latency>(i)), ms_text(r.ramp[i].quantile(0.99))
            ));
        }
    }
    return parts.empty() ? "" : fmt::format("not in it: the ramp, p99 {}", fmt::join(parts, ", "));
}

} // namespace vsim::report
