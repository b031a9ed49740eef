#include "report/prometheus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <utility>
#include <vector>

namespace vsim::report {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using stats::counter;
using stats::latency;

constexpr std::array le_ms{
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 10e3, 20e3, 60e3
};
constexpr std::array phases{"cleanup", "register", "history", "ramp", "run", "drain"};
constexpr std::size_t most_kinds = 100; // of errors; there are about thirty

std::string metric_name(std::string_view of) {
    auto name = fmt::format("vstats_sim_{}", of);
    std::ranges::replace(name, '.', '_');
    return name;
}

MetricFamily family(std::string name, std::string help, MetricType type) {
    MetricFamily f;
    f.name = std::move(name);
    f.help = std::move(help);
    f.type = type;
    return f;
}

void add_value(MetricFamily& f, double value, std::vector<ClientMetric::Label> labels = {}) {
    ClientMetric m;
    m.label = std::move(labels);
    (f.type == MetricType::Counter ? m.counter.value : m.gauge.value) = value;
    f.metric.push_back(std::move(m));
}

MetricFamily
value(std::string_view name, std::string help, double n, MetricType type = MetricType::Gauge) {
    auto f = family(metric_name(name), std::move(help), type);
    add_value(f, n);
    return f;
}

MetricFamily counter_of(counter c, const stats::snapshot& s) {
    return value(
        fmt::format("{}_total", name(c)),
        fmt::format("Counter {} of the run.", name(c)),
        static_cast<double>(s[c]),
        MetricType::Counter
    );
}

MetricFamily latency_of(latency l, const stats::histogram& h) {
    auto f = family(
        metric_name(fmt::format("{}_seconds", name(l))),
        fmt::format("Latency {} of the run.", name(l)),
        MetricType::Histogram
    );
    ClientMetric m;
    m.histogram.sample_count = h.count();
    m.histogram.sample_sum = h.sum_ns() / 1e9;
    const auto buckets = h.buckets();
    auto next = buckets.begin();
    std::uint64_t seen = 0;
    for (const auto limit : le_ms) {
        // A bucket of ours that holds the limit counts to the next one: 0.1 % at most.
        for (; next != buckets.end() && static_cast<double>(next->high_us) <= limit * 1e3; ++next) {
            seen += next->count;
        }
        m.histogram.bucket.push_back({seen, limit / 1e3});
    }
    f.metric.push_back(std::move(m));
    return f;
}

MetricFamily errors_of(const stats::snapshot& s) {
    auto f = family(metric_name("errors_total"), "Errors by kind.", MetricType::Counter);
    double rest = 0;
    for (const auto& [kind, error] : s.errors) {
        if (f.metric.size() < most_kinds) {
            add_value(f, static_cast<double>(error.count), {{"kind", kind}});
        } else {
            rest += static_cast<double>(error.count);
        }
    }
    if (rest > 0) {
        add_value(f, rest, {{"kind", "other"}});
    }
    return f;
}

MetricFamily phase_of(const live_facts& live) {
    auto f = family(metric_name("phase"), "1 for the phase that goes on.", MetricType::Gauge);
    for (const auto* phase : phases) {
        add_value(f, phase == live.phase ? 1 : 0, {{"phase", phase}});
    }
    return f;
}

MetricFamily build_of(const live_facts& live) {
    auto f = family(metric_name("build_info"), "Always 1.", MetricType::Gauge);
    add_value(f, 1, {{"build", live.tool.build}, {"version", live.tool.version}});
    return f;
}

} // namespace

std::string to_prometheus(const live_facts& live) {
    const auto seconds = [](auto d) { return std::chrono::duration<double>(d).count(); };
    std::vector<MetricFamily> all{
        build_of(live),
        value(
            "start_time_seconds",
            "Start of the run since the epoch.",
            seconds(live.started_at.time_since_epoch())
        ),
        phase_of(live),
        value(
            "agents_requested",
            "Agents of the whole fleet.",
            static_cast<double>(live.agents_requested)
        ),
        value("agents_online", "Agents connected now.", static_cast<double>(live.agents_online)),
        value(
            "process_resident_memory_bytes",
            "Memory of the generator.",
            static_cast<double>(live.usage.rss_bytes)
        ),
        value(
            "process_cpu_seconds_total",
            "CPU time of the generator, user and system.",
            seconds(live.usage.cpu()),
            MetricType::Counter
        ),
        errors_of(live.stats),
    };
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        all.push_back(counter_of(static_cast<counter>(i), live.stats));
    }
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        const auto which = static_cast<latency>(i);
        if (live.stats[which].count() > 0) {
            all.push_back(latency_of(which, live.stats[which]));
        }
    }
    return prometheus::TextSerializer{}.Serialize(all);
}

} // namespace vsim::report
