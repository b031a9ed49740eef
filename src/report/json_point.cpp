#include "report/json_point.hpp"

#include "report/measures.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace vsim::report {
namespace {

using point = stats::timeline_point;
constexpr std::pair<std::string_view, std::optional<util::nanoseconds> point::*> latency_series[]{
    {"fence_p50", &point::fence_p50},
    {"fence_p99", &point::fence_p99},
    {"fence_uncorrected_p99", &point::fence_uncorrected_p99},
    {"freshness_p50", &point::freshness_p50},
    {"freshness_p95", &point::freshness_p95},
    {"history_read_p95", &point::history_read_p95},
    {"send_lag_p99", &point::send_lag_p99},
};

} // namespace

void write_point(json_writer& j, const stats::timeline_point& p) {
    j.member("t", in_s(p.t));
    j.member("connected", p.connected);
    j.member("metrics_sent", p.metrics_sent);
    j.member("bytes_sent", p.bytes_sent);
    j.member("errors", p.errors);
    j.member("missed", p.missed);
    for (const auto& [name, of] : latency_series) {
        if (p.*of) {
            j.member(name, in_ms(*(p.*of)));
        }
    }
    j.member("cpu_pct", in_hundredths(p.cpu_pct));
    j.member("rss_bytes", p.rss_bytes);
    if (p.steal_pct) {
        j.member("steal_pct", in_hundredths(*p.steal_pct));
    }
    if (p.server) {
        j.begin_object("server");
        j.member("cpu_pct", in_hundredths(p.server->cpu_pct));
        j.member("rss_bytes", p.server->rss_bytes);
        j.member("threads", p.server->threads);
        if (p.server->fds) {
            j.member("fds", *p.server->fds);
        }
        if (p.server->read_bytes_per_s && p.server->written_bytes_per_s) {
            j.member("read_bytes_per_s", in_hundredths(*p.server->read_bytes_per_s));
            j.member("written_bytes_per_s", in_hundredths(*p.server->written_bytes_per_s));
        }
        j.end_object();
    }
}

} // namespace vsim::report
