#include "report/html_parts.hpp"
#include "report/trust_text.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {
namespace {

using stats::counter;
using stats::latency;
using cells = std::vector<std::string>;

constexpr std::size_t most_events = 50; // in the table

// Nothing at all for an empty body.
std::string section(std::string_view title, const std::string& body) {
    return body.empty() ? "" : fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, body);
}

// The first column and those named `text` are text, the rest are numbers.
class table {
public:
    explicit table(std::vector<std::string_view> head, std::initializer_list<std::size_t> text = {})
        : is_text_(head.size(), false), width_{head.size()} {
        is_text_[0] = true;
        for (const auto i : text) {
            is_text_[i] = true;
        }
        body_ = "<div class=\"scroll\"><table>\n<thead><tr>";
        for (std::size_t i = 0; i < head.size(); ++i) {
            body_ += fmt::format("<th{}>{}</th>", kind(i), escaped(head[i]));
        }
        body_ += "</tr></thead>\n<tbody>\n";
    }
    void row(const cells& values, std::string_view mark = {}) {
        body_ += mark.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", mark);
        for (std::size_t i = 0; i < width_; ++i) {
            const auto text = i < values.size() ? escaped(values[i]) : "";
            body_ += i == 0 ? fmt::format("<th scope=\"row\" class=\"text\">{}</th>", text)
                            : fmt::format("<td{}>{}</td>", kind(i), text);
        }
        body_ += "</tr>\n";
        ++rows_;
    }
    std::string text() const { return rows_ == 0 ? "" : body_ + "</tbody></table></div>\n"; }

private:
    std::string_view kind(std::size_t i) const { return is_text_[i] ? " class=\"text\"" : ""; }

    std::vector<bool> is_text_;
    std::size_t width_;
    std::size_t rows_ = 0;
    std::string body_;
};

// Names with what they are.
class facts {
public:
    void add(std::string_view name, const std::string& value) {
        body_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(value));
    }
    void add_code(std::string_view name, const std::string& value) {
        body_ += fmt::format("<dt>{}</dt><dd><code>{}</code></dd>\n", name, escaped(value));
    }
    std::string text() const { return body_.empty() ? "" : "<dl>\n" + body_ + "</dl>\n"; }

private:
    std::string body_;
};

std::string messages(const run_result& r) {
    const auto& s = r.stats;
    const auto live = r.time_in({"ramp", "run"});
    const auto history = r.time_in({"history"});
    table t{{"", "sent", "rate", "bytes", "rate", "and"}, {5}};
    const auto add = [&](std::string_view name,
                         counter sent,
                         counter bytes,
                         std::optional<util::nanoseconds> time,
                         const std::string& note) {
        if (s[sent] > 0) {
            t.row({
                std::string{name},
                grouped(s[sent]),
                time ? rate_text(per_second(s[sent], *time)) : "",
                bytes_text(static_cast<double>(s[bytes])),
                time ? byte_rate_text(per_second(s[bytes], *time)) : "",
                note,
            });
        }
    };
    add("metrics",
        counter::metrics_sent,
        counter::metrics_bytes,
        live,
        grouped(s[counter::metrics_missed]) + " missed");
    add("aggregated",
        counter::aggregated_sent,
        counter::aggregated_bytes,
        live,
        grouped(s[counter::aggregated_buckets]) + " buckets");
    add("batch",
        counter::batch_sent,
        counter::batch_bytes,
        live,
        fmt::format(
            "{} accepted, {} rejected",
            grouped(s[counter::batch_accepted]),
            grouped(s[counter::batch_rejected])
        ));
    add("history",
        counter::history_sent,
        counter::history_bytes,
        history,
        grouped(s[counter::history_buckets]) + " buckets");
    return t.text();
}

std::string latencies(const run_result& r) {
    table t{{"ms", "count", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"}};
    for (std::size_t i = 0; i < stats::latency_count; ++i) {
        const auto which = static_cast<latency>(i);
        const auto& h = r.stats[which];
        if (h.count() == 0) {
            continue;
        }
        cells row{std::string{name(which)}, grouped(h.count()), ms_text(h.min())};
        row.push_back(ms_text(util::nanoseconds{static_cast<std::int64_t>(h.mean_ns())}));
        for (const double q : {0.5, 0.9, 0.95, 0.99, 0.999}) {
            row.push_back(ms_text(h.quantile(q)));
        }
        row.push_back(ms_text(h.max()));
        t.row(row);
    }
    return t.text();
}

std::string checked(const verification& v) {
    facts f;
    f.add("source", v.source);
    f.add("agents", grouped(v.agents) + ", with loss " + grouped(v.agents_with_loss));
    f.add("rows twice, late", grouped(v.twice) + ", " + grouped(v.late));
    if (v.unjudged > 0) {
        f.add("agents that sent nothing", grouped(v.unjudged));
    }
    if (v.unreadable > 0) {
        f.add("agents that could not be read", grouped(v.unreadable));
    }
    f.add("took", seconds_text(v.took));
    table t{{"rows", "expected", "found", "missing", "altered", "foreign"}};
    const auto add = [&t](std::string_view kind, const std::vector<granularity_check>& checks) {
        for (const auto& g : checks) {
            const bool is_bad = g.missing + g.altered + g.foreign > 0;
            t.row(
                {fmt::format("{} {}", kind, g.name),
                 grouped(g.expected),
                 grouped(g.found),
                 grouped(g.missing),
                 grouped(g.altered),
                 grouped(g.foreign)},
                is_bad ? "bad" : ""
            );
        }
    };
    add("metrics", v.metrics);
    add("ping", v.ping);
    if (v.raw.expected + v.raw.found > 0) {
        add("samples", {v.raw});
    }
    table e{
        {"example", "agent", "rows", "at", "field", "expected", "found", "tolerance", "cause"},
        {1, 2, 3, 4, 8}
    };
    for (const auto& d : v.examples) {
        const bool is_number = !d.field.empty();
        e.row({
            d.kind,
            d.agent,
            d.target.empty() ? d.granularity : d.granularity + " to " + d.target,
            fmt::format("{} (bucket {})", util::format_rfc3339(d.at), d.bucket),
            is_number ? d.field : "the whole row",
            is_number ? fmt::to_string(d.expected) : "",
            is_number ? fmt::to_string(d.found) : "",
            is_number ? fmt::to_string(d.tolerance) : "",
            d.cause,
        });
    }
    return f.text() + t.text() + e.text();
}

std::string seen(const freshness_facts& s) {
    facts f;
    f.add("viewers", fmt::format("{} of {} connected", s.connected, s.viewers));
    f.add("agents never seen", grouped(s.never_seen) + " of " + grouped(s.agents));
    f.add("false offline flips", grouped(s.false_offline));
    f.add("floor (the server's tick)", seconds_text(s.floor));
    return f.text();
}

std::string errors(const run_result& r) {
    table t{{"kind", "count", "example"}, {2}};
    for (const auto& [kind, error] : r.stats.errors) {
        t.row({kind, grouped(error.count), error.example});
    }
    const auto text = t.text();
    return text.empty() ? "<p>None.</p>\n" : text;
}

std::string events(const run_result& r) {
    table t{{"what", "kind", "from", "until", "agents"}, {1, 2, 3}};
    std::size_t all = 0;
    const auto add = [&](std::string_view what, const std::vector<scripted_event>& events) {
        for (const auto& e : events) {
            if (++all <= most_events) {
                t.row({
                    std::string{what},
                    e.kind,
                    util::format_rfc3339(e.from, 1),
                    util::format_rfc3339(e.until, 1),
                    grouped(e.agents.size()),
                });
            }
        }
    };
    add("incident", r.incidents);
    add("outage", r.outages);
    const auto more = all > most_events
                          ? fmt::format("<p>And {} more.</p>\n", grouped(all - most_events))
                          : std::string{};
    return t.text() + more;
}

std::string trusted(const run_result& r) {
    facts f;
    for (const auto& [name, text] : trust_entries(r)) {
        f.add(name, text);
    }
    if (const auto note = ramp_note(r); !note.empty()) {
        f.add("latencies", note);
    }
    return f.text();
}

std::string watched(const watched_process& p) {
    facts f;
    f.add("process", fmt::format("{} ({}){}", p.name, p.pid, p.has_ended ? ", has ended" : ""));
    f.add("CPU time", seconds_text(p.cpu) + ", while agents lived " + seconds_text(p.cpu_live));
    f.add(
        "memory",
        fmt::format(
            "{} at the start, at most {}",
            bytes_text(static_cast<double>(p.rss_start_bytes)),
            bytes_text(static_cast<double>(p.rss_peak_bytes))
        )
    );
    auto most = fmt::format("{} threads", p.threads_peak);
    if (p.fds_peak) {
        most += fmt::format(", {} open files", *p.fds_peak);
    }
    f.add("at most", most);
    if (p.read_bytes && p.written_bytes) {
        f.add(
            "disk",
            fmt::format(
                "{} read, {} written",
                bytes_text(static_cast<double>(*p.read_bytes)),
                bytes_text(static_cast<double>(*p.written_bytes))
            )
        );
    }
    if (p.cpu_us_per_message) {
        f.add("CPU a message", fmt::format("{:.1f} µs", *p.cpu_us_per_message));
    }
    if (p.rss_per_agent_bytes) {
        f.add("memory an agent", bytes_text(static_cast<double>(*p.rss_per_agent_bytes)));
    }
    return f.text();
}

std::string environment(const run_result& r) {
    const auto& run = r.run;
    facts f;
    std::string phases;
    for (const auto& p : r.phases) {
        phases += fmt::format("{}{} {}", phases.empty() ? "" : ", ", p.name, seconds_text(p.took));
    }
    if (!phases.empty()) {
        f.add("phases", phases);
    }
    f.add(
        "from, until",
        fmt::format(
            "{}, {}", util::format_rfc3339(run.started_at), util::format_rfc3339(run.ended_at)
        )
    );
    const std::string_view with_server = run.embedded ? " (with the embedded server)" : "";
    f.add(
        "CPU time",
        fmt::format(
            "{} user + {} system{}",
            seconds_text(r.process.cpu_user),
            seconds_text(r.process.cpu_system),
            with_server
        )
    );
    if (const auto each = r.cpu_us_per_message()) {
        f.add("CPU a message", fmt::format("{:.1f} µs", *each));
    }
    f.add(
        "memory",
        fmt::format(
            "{} at most{}", bytes_text(static_cast<double>(r.process.rss_peak_bytes)), with_server
        )
    );
    if (const auto each = r.rss_per_agent_bytes()) {
        f.add("memory an agent", bytes_text(static_cast<double>(*each)));
    }
    if (!r.host.cpu_model.empty()) {
        f.add(
            "machine",
            fmt::format(
                "{} × {}, {}, {}",
                r.host.cores,
                r.host.cpu_model,
                bytes_text(static_cast<double>(r.host.memory_bytes)),
                r.host.kernel
            )
        );
    }
    const auto& load = r.host.load_average;
    f.add("load average", fmt::format("{:.2f} {:.2f} {:.2f}", load[0], load[1], load[2]));
    f.add(
        "open files",
        fmt::format(
            "{}limit {}",
            r.process.max_fds ? "at most " + grouped(*r.process.max_fds) + ", " : "",
            grouped(r.host.fd_soft_limit)
        )
    );
    f.add("server", run.server);
    f.add(
        "settings",
        fmt::format(
            "seed {}, threads {}, io-contexts {}, shard {}",
            run.seed,
            run.threads,
            run.io_contexts,
            run.shard
        )
    );
    f.add("tool", fmt::format("vstats-sim {} ({})", r.tool.version, r.tool.build));
    f.add_code("command", run.command_line);
    return f.text();
}

} // namespace

std::string html_tables(const run_result& r) {
    return section("Messages", messages(r)) + section("Latencies", latencies(r)) +
           section("Verification", r.verified ? checked(*r.verified) : "") +
           section("Freshness", r.freshness ? seen(*r.freshness) : "") +
           section("Errors", errors(r)) + section("Incidents and outages", events(r)) +
           section("How far to trust these figures", trusted(r)) +
           section("Server process", r.server_process ? watched(*r.server_process) : "") +
           section("Environment", environment(r));
}

} // namespace vsim::report
