#include "report/audience.hpp"

#include "report/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace vsim::report {

namespace {

using stats::counter;
using stats::latency;

std::uint64_t errors_of(const stats::snapshot& s, std::string_view who) {
    std::uint64_t sum = 0;
    for (const auto& [kind, error] : s.errors) {
        sum += kind.starts_with(who) ? error.count : 0;
    }
    return sum;
}

// `text` writes one of them, with its unit.
template <class Text>
std::string ages_text(const stats::histogram& h, Text text) {
    if (h.count() == 0) {
        return "none measured";
    }
    return fmt::format(
        "p50 {}, p95 {}, p99 {}, max {}",
        text(h.quantile(0.5)),
        text(h.quantile(0.95)),
        text(h.quantile(0.99)),
        text(h.max())
    );
}

std::string short_time(util::nanoseconds d) {
    return d < std::chrono::seconds{1} ? ms_text(d) + " ms" : seconds_text(d);
}

} // namespace

void write_audience(json_writer& j, const run_result& r) {
    const auto& s = r.stats;
    if (r.freshness) {
        const auto& f = *r.freshness;
        j.begin_object("freshness");
        j.member("viewers", f.viewers);
        j.member("connected", f.connected);
        j.member("disconnects", s[counter::viewers_disconnected]);
        j.member("agents", f.agents);
        j.member("never_seen", f.never_seen);
        j.member("false_offline", f.false_offline);
        j.member("floor_s", std::chrono::duration<double>(f.floor).count());
        j.member("samples", s[latency::freshness].count());
        j.member("seen", s[counter::samples_seen]);
        j.member("unmatched", s[counter::samples_unmatched]);
        j.member("messages", s[counter::viewer_messages]);
        j.member("bytes", s[counter::viewer_bytes]);
        j.end_object();
    }
    if (r.readers) {
        j.begin_object("readers");
        j.member("readers", *r.readers);
        j.member("reads", s[counter::history_reads]);
        j.member("bytes", s[counter::history_read_bytes]);
        j.member("errors", errors_of(s, "reader."));
        j.end_object();
    }
}

std::vector<std::pair<std::string, std::string>> audience_entries(const run_result& r) {
    std::vector<std::pair<std::string, std::string>> lines;
    const auto& s = r.stats;
    if (r.freshness) {
        const auto& f = *r.freshness;
        lines.emplace_back(
            "viewers",
            fmt::format(
                "{} of {} at once, {} lost; {} messages, {}",
                grouped(f.connected),
                grouped(f.viewers),
                grouped(s[counter::viewers_disconnected]),
                grouped(s[counter::viewer_messages]),
                bytes_text(static_cast<double>(s[counter::viewer_bytes]))
            )
        );
        lines.emplace_back("age shown", ages_text(s[latency::freshness], seconds_text));
        lines.emplace_back(
            "excess",
            fmt::format(
                "{}, without the wait for the server's tick of {}",
                ages_text(s[latency::freshness_excess], short_time),
                seconds_text(f.floor)
            )
        );
        auto agents = fmt::format(
            "{} of {} never seen, {} shown as offline although they reported",
            grouped(f.never_seen),
            grouped(f.agents),
            grouped(f.false_offline)
        );
        if (const auto n = s[counter::samples_unmatched]; n > 0) {
            agents += fmt::format("; {} values that no sample has", grouped(n));
        }
        lines.emplace_back("agents", std::move(agents));
    }
    if (r.readers) {
        lines.emplace_back(
            "readers",
            fmt::format(
                "{}, {} histories read, {}, {} failed",
                grouped(*r.readers),
                grouped(s[counter::history_reads]),
                bytes_text(static_cast<double>(s[counter::history_read_bytes])),
                grouped(errors_of(s, "reader."))
            )
        );
    }
    return lines;
}

} // namespace vsim::report
