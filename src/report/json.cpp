#include "report/json.hpp"

#include "report/audience.hpp"
#include "report/json_capacity.hpp"
#include "report/json_point.hpp"
#include "report/json_thresholds.hpp"
#include "report/json_writer.hpp"
#include "report/measures.hpp"
#include "report/trust_text.hpp"
#include "report/verification.hpp"

#include <array>
#include <string_view>

namespace vsim::report {
namespace {

using stats::counter;
using stats::latency;

void write_run(json_writer& j, const run_result& r) {
    const auto& run = r.run;
    j.begin_object("run");
    j.member("mode", run.mode);
    j.member("server", run.server);
    j.member("embedded", run.embedded);
    j.member("count", run.count);
    if (run.history.count() > 0) {
        j.member("history_s", in_s(run.history));
    }
    j.member("interval_s", in_s(run.interval));
    j.member("agg_interval_s", in_s(run.agg_interval));
    j.member("seed", run.seed);
    j.member("threads", run.threads);
    j.member("io_contexts", run.io_contexts);
    j.member("shard", run.shard);
    j.member("command_line", run.command_line);
    j.member("started_at", util::format_rfc3339(run.started_at, 3));
    j.member("ended_at", util::format_rfc3339(run.ended_at, 3));
    j.member("duration_s", in_s(run.duration));
    j.member("stopped_by", run.stopped_by);
    j.member("exit_code", r.exit_code);
    j.member("verdict", r.verdict());
    j.end_object();
}

void write_phases(json_writer& j, const run_result& r) {
    j.begin_array("findings");
    for (const auto& f : r.findings) {
        j.begin_object();
        j.member("exit_code", f.exit_code);
        j.member("text", f.text);
        j.end_object();
    }
    j.end_array();
    j.begin_array("phases");
    for (const auto& p : r.phases) {
        j.begin_object();
        j.member("name", p.name);
        j.member("took_s", in_s(p.took));
        j.end_object();
    }
    j.end_array();
}

void write_fleet(json_writer& j, const run_result& r) {
    j.begin_object("fleet");
    j.member("requested", r.fleet.requested);
    j.member("registered", r.fleet.registered);
    j.member("connected_peak", r.fleet.connected_peak);
    j.member("never_connected", r.fleet.never_connected);
    if (r.fleet.time_to_all_connected) {
        j.member("time_to_all_connected_s", in_s(*r.fleet.time_to_all_connected));
    }
    j.member("disconnects", r.stats[counter::agents_disconnected]);
    j.member("reconnects", r.stats[counter::reconnects]);
    j.end_object();
}

void write_events(
    json_writer& j, std::string_view title, const std::vector<scripted_event>& events
) {
    j.begin_array(title);
    for (const auto& e : events) {
        j.begin_object();
        j.member("kind", e.kind);
        j.member("started_at", util::format_rfc3339(e.from, 3));
        j.member("ended_at", util::format_rfc3339(e.until, 3));
        j.begin_array("agents");
        for (const auto& name : e.agents) {
            j.item(name);
        }
        j.end_array();
        j.end_object();
    }
    j.end_array();
}

// What the script did, and what it came to.
void write_script(json_writer& j, const run_result& r) {
    j.begin_object("faults");
    j.member("churned", r.stats[counter::agents_churned]);
    j.member("cut", r.stats[counter::agents_cut]);
    j.member("double_logins", r.stats[counter::double_logins]);
    j.end_object();
    write_events(j, "incidents", r.incidents);
    write_events(j, "outages", r.outages);
}

void write_messages(json_writer& j, const stats::snapshot& s) {
    j.begin_object("messages");
    j.begin_object("metrics");
    j.member("sent", s[counter::metrics_sent]);
    j.member("bytes", s[counter::metrics_bytes]);
    j.member("missed", s[counter::metrics_missed]);
    j.member("late", s[counter::metrics_late]);
    j.end_object();
    j.begin_object("aggregated");
    j.member("sent", s[counter::aggregated_sent]);
    j.member("bytes", s[counter::aggregated_bytes]);
    j.member("buckets", s[counter::aggregated_buckets]);
    j.end_object();
    j.begin_object("batch");
    j.member("sent", s[counter::batch_sent]);
    j.member("bytes", s[counter::batch_bytes]);
    j.member("accepted", s[counter::batch_accepted]);
    j.member("rejected", s[counter::batch_rejected]);
    j.end_object();
    j.begin_object("history");
    j.member("sent", s[counter::history_sent]);
    j.member("bytes", s[counter::history_bytes]);
    j.member("buckets", s[counter::history_buckets]);
    j.member("agents_done", s[counter::history_agents_done]);
    j.member("agents_failed", s[counter::history_agents_failed]);
    j.end_object();
    j.begin_object("fences");
    j.member("sent", s[counter::fences_sent]);
    j.member("answered", s[counter::fences_answered]);
    j.end_object();
    j.begin_object("received");
    j.member("messages", s[counter::messages_received]);
    j.member("unknown", s[counter::messages_unknown]);
    j.member("configs", s[counter::configs_received]);
    j.member("commands", s[counter::commands_received]);
    j.end_object();
    j.end_object();
}

using histograms = std::array<stats::histogram, stats::latency_count>;

void write_latencies(json_writer& j, std::string_view title, const histograms& all) {
    j.begin_object(title);
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        const auto which = static_cast<latency>(i);
        const auto& h = all[i];
        if (h.count() == 0) {
            continue;
        }
        j.begin_object(name(which));
        j.member("count", h.count());
        j.member("min", in_ms(h.min()));
        j.member("mean", in_ms(h.mean_ns()));
        j.member("p50", in_ms(h.quantile(0.5)));
        j.member("p90", in_ms(h.quantile(0.9)));
        j.member("p95", in_ms(h.quantile(0.95)));
        j.member("p99", in_ms(h.quantile(0.99)));
        j.member("p999", in_ms(h.quantile(0.999)));
        j.member("max", in_ms(h.max()));
        j.end_object();
    }
    j.end_object();
}

void write_errors(json_writer& j, const stats::snapshot& s) {
    j.begin_array("errors");
    for (const auto& [kind, error] : s.errors) {
        j.begin_object();
        j.member("kind", kind);
        j.member("count", error.count);
        j.member("example", error.example);
        j.end_object();
    }
    j.end_array();
}

void write_process(json_writer& j, const run_result& r) {
    j.begin_object("process");
    j.member("cpu_user_s", in_s(r.process.cpu_user));
    j.member("cpu_system_s", in_s(r.process.cpu_system));
    j.member("rss_peak_bytes", r.process.rss_peak_bytes);
    if (const auto each = r.rss_per_agent_bytes()) {
        j.member("rss_per_agent_bytes", *each);
    }
    if (const auto each = r.cpu_us_per_message()) {
        j.member("cpu_us_per_message", in_hundredths(*each));
    }
    if (r.process.max_fds) {
        j.member("max_fds", *r.process.max_fds);
    }
    j.end_object();
    j.begin_object("machine");
    j.member("cpu_model", r.host.cpu_model);
    j.member("cores", r.host.cores);
    j.member("memory_bytes", r.host.memory_bytes);
    j.member("kernel", r.host.kernel);
    j.begin_array("load_average");
    for (const auto load : r.host.load_average) {
        j.item(load);
    }
    j.end_array();
    j.member("fd_soft_limit", r.host.fd_soft_limit);
    j.member("fd_hard_limit", r.host.fd_hard_limit);
    j.end_object();
}

void write_server_process(json_writer& j, const run_result& r) {
    if (!r.server_process) {
        return;
    }
    const auto& p = *r.server_process;
    const auto known = [&j](std::string_view name, const auto& value) {
        if (value) {
            j.member(name, *value);
        }
    };
    j.begin_object("server_process");
    j.member("pid", p.pid);
    j.member("name", p.name);
    j.member("ended", p.has_ended);
    j.member("cpu_s", in_s(p.cpu));
    j.member("cpu_live_s", in_s(p.cpu_live));
    if (p.cpu_us_per_message) {
        j.member("cpu_us_per_message", in_hundredths(*p.cpu_us_per_message));
    }
    j.member("rss_start_bytes", p.rss_start_bytes);
    j.member("rss_peak_bytes", p.rss_peak_bytes);
    known("rss_per_agent_bytes", p.rss_per_agent_bytes);
    j.member("threads_peak", p.threads_peak);
    known("fds_peak", p.fds_peak);
    known("read_bytes", p.read_bytes);
    known("written_bytes", p.written_bytes);
    j.end_object();
}

void write_timeseries(json_writer& j, const run_result& r) {
    j.begin_array("timeseries");
    for (const auto& p : r.timeseries) {
        j.begin_object();
        write_point(j, p);
        j.end_object();
    }
    j.end_array();
}

} // namespace

std::string to_json(const run_result& r) {
    json_writer j{2};
    j.begin_object();
    j.member("schema", 1);
    j.begin_object("tool");
    j.member("name", "vstats-sim");
    j.member("version", r.tool.version);
    j.member("build", r.tool.build);
    j.end_object();
    write_run(j, r);
    write_phases(j, r);
    write_fleet(j, r);
    write_script(j, r);
    write_messages(j, r.stats);
    write_latencies(j, "latency_ms", r.stats.latencies);
    if (!ramp_note(r).empty()) {
        write_latencies(j, "latency_ramp_ms", r.ramp);
    }
    write_honesty(j, r);
    write_audience(j, r);
    write_errors(j, r.stats);
    if (r.verified) {
        write_verification(j, *r.verified);
    }
    write_process(j, r);
    write_server_process(j, r);
    write_thresholds(j, "thresholds", r.thresholds);
    if (r.capacity) {
        write_capacity(j, *r.capacity);
    }
    write_timeseries(j, r);
    j.end_object();
    return j.text() + "\n";
}

} // namespace vsim::report
