#include "report/console.hpp"

#include "report/audience.hpp"
#include "report/console_thresholds.hpp"
#include "report/trust_text.hpp"
#include "report/units.hpp"
#include "report/verification.hpp"
#include "report/watched_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace vsim::report {
namespace {

using stats::counter;
using stats::latency;

constexpr std::size_t width = 80;

class page {
public:
    page(const run_result& result, bool color) : r_{result}, ink_{color} {}

    std::string render() {
        verdict();
        text_ += render_thresholds(r_.thresholds, ink_);
        fleet();
        script();
        messages();
        latencies();
        section("Freshness", audience_entries(r_));
        verification();
        errors();
        if (r_.server_process) {
            section("Server process", entries_of(*r_.server_process));
        }
        section("Generator", trust_entries(r_));
        environment();
        return std::move(text_);
    }

private:
    void heading(std::string_view title) { text_ += "\n" + ink_.bold(title) + "\n"; }

    void line(std::string_view text) { text_ += fmt::format("  {}\n", text); }

    // "  name   text", continued below its own beginning.
    void entry(std::string_view name, std::string_view text) {
        constexpr std::size_t indent = 13;
        auto label = std::string{name};
        for (const auto& part : wrapped(text, width - indent - 2)) {
            line(fmt::format("{:<{}}{}", label, indent, part));
            label.clear();
        }
    }

    void
    section(std::string_view title, const std::vector<std::pair<std::string, std::string>>& all) {
        if (!all.empty()) {
            heading(title);
        }
        for (const auto& [name, text] : all) {
            entry(name, text);
        }
    }

    void verdict() {
        const auto& run = r_.run;
        const auto word = r_.headline();
        auto start = r_.passed() ? ink_.green(word) : ink_.red(word);
        const auto what = fmt::format(
            "{} {}, mode {}{}, {}, stopped by {}",
            grouped(run.count),
            run.count == 1 ? "agent" : "agents",
            run.mode,
            run.embedded ? ", embedded server" : "",
            seconds_text(run.duration),
            run.stopped_by
        );
        for (const auto& part : wrapped(what, width - word.size() - 2)) {
            text_ += fmt::format("{}  {}\n", start, part);
            start.assign(word.size(), ' ');
        }
        for (const auto& f : r_.findings) {
            auto mark = std::string{"-"};
            for (const auto& part :
                 wrapped(fmt::format("{} (exit code {})", f.text, f.exit_code), width - 4)) {
                line(fmt::format("{} {}", mark, part));
                mark = " ";
            }
        }
    }

    void fleet() {
        const auto& f = r_.fleet;
        heading("Fleet");
        entry("registered", fmt::format("{} of {}", grouped(f.registered), grouped(f.requested)));
        entry(
            "connected",
            fmt::format(
                "{} at once{}, {} never",
                grouped(f.connected_peak),
                f.time_to_all_connected ? ", all after " + seconds_text(*f.time_to_all_connected)
                                        : "",
                grouped(f.never_connected)
            )
        );
        entry(
            "connections",
            fmt::format(
                "{} lost, {} made again",
                grouped(r_.stats[counter::agents_disconnected]),
                grouped(r_.stats[counter::reconnects])
            )
        );
        std::vector<std::string> phases;
        for (const auto& p : r_.phases) {
            phases.push_back(fmt::format("{} {}", p.name, seconds_text(p.took)));
        }
        if (!phases.empty()) {
            entry("phases", fmt::format("{}", fmt::join(phases, ", ")));
        }
    }

    void events(std::string_view name, const std::vector<scripted_event>& list) {
        for (const auto& e : list) {
            const auto from = util::format_rfc3339(e.from);
            const auto until = util::format_rfc3339(e.until);
            entry(
                name,
                fmt::format(
                    "{}, {} to {}, {} agents", e.kind, from, until, grouped(e.agents.size())
                )
            );
        }
    }

    // What was done to the fleet on purpose, and what the server asked of it.
    void script() {
        const auto& s = r_.stats;
        const std::pair<counter, std::string_view> counts[]{
            {counter::agents_churned, "connections dropped by --churn"},
            {counter::agents_cut, "connections cut by --outage"},
            {counter::double_logins, "second logins"},
            {counter::configs_received, "changes of settings from the server"},
            {counter::commands_received, "commands from the server"},
        };
        const bool is_empty =
            r_.incidents.empty() && r_.outages.empty() &&
            std::ranges::all_of(counts, [&](const auto& c) { return s[c.first] == 0; });
        if (is_empty) {
            return;
        }
        heading("Events");
        events("incident", r_.incidents);
        events("outage", r_.outages);
        for (const auto& [which, what] : counts) {
            if (s[which] > 0) {
                line(fmt::format("{:>10}  {}", grouped(s[which]), what));
            }
        }
    }

    struct message_kind {
        std::string_view name;
        counter sent;
        counter bytes;
        std::optional<util::nanoseconds> time;
        std::string extra;
    };

    void messages() {
        const auto live = r_.time_in({"ramp", "run"});
        const auto& s = r_.stats;
        const message_kind kinds[]{
            {"metrics",
             counter::metrics_sent,
             counter::metrics_bytes,
             live,
             grouped(s[counter::metrics_missed]) + " missed"},
            {"aggregated",
             counter::aggregated_sent,
             counter::aggregated_bytes,
             live,
             grouped(s[counter::aggregated_buckets]) + " buckets"},
            {"batch",
             counter::batch_sent,
             counter::batch_bytes,
             live,
             grouped(s[counter::batch_accepted]) + " items"},
            {"history",
             counter::history_sent,
             counter::history_bytes,
             r_.time_in({"history"}),
             grouped(s[counter::history_buckets]) + " buckets"},
        };
        constexpr auto heads = "{:<10}{:>14}{:>11}{:>9}{:>11}";
        constexpr auto row = "{:<10}{:>14}{:>11}{:>9}{:>11}  {}";
        const auto happened = [&](const message_kind& k) {
            return s[k.sent] > 0 || (k.time && k.sent != counter::batch_sent);
        };
        if (std::ranges::none_of(kinds, happened)) {
            return;
        }
        text_ += "\n";
        line(ink_.bold(fmt::format(heads, "messages", "sent", "rate", "bytes", "rate")));
        for (const auto& k : kinds) {
            if (!happened(k)) {
                continue;
            }
            const auto sent = s[k.sent];
            const auto bytes = s[k.bytes];
            line(fmt::format(
                row,
                k.name,
                grouped(sent),
                k.time ? rate_text(per_second(sent, *k.time)) : "",
                bytes_text(static_cast<double>(bytes)),
                k.time ? byte_rate_text(per_second(bytes, *k.time)) : "",
                k.extra
            ));
        }
        if (const auto fences = s[counter::fences_sent]; fences > 0) {
            line(fmt::format(
                "{} fences behind them, {} answered",
                grouped(fences),
                grouped(s[counter::fences_answered])
            ));
        }
        if (const auto rejected = s[counter::batch_rejected]; rejected > 0) {
            line(fmt::format("{} items of batches were rejected", grouped(rejected)));
        }
        if (const auto unknown = s[counter::messages_unknown]; unknown > 0) {
            line(fmt::format("{} messages from the server were not understood", grouped(unknown)));
        }
    }

    void latencies() {
        constexpr auto row = "{:<17}{:>11}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}";
        const auto& all = r_.stats.latencies;
        if (std::ranges::all_of(all, [](const auto& h) { return h.count() == 0; })) {
            return;
        }
        text_ += "\n";
        line(ink_.bold(fmt::format(
            row, "latency ms", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"
        )));
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto& h = all[i];
            if (h.count() == 0) {
                continue;
            }
            line(fmt::format(
                row,
                name(static_cast<latency>(i)),
                grouped(h.count()),
                ms_text(util::nanoseconds{static_cast<std::int64_t>(h.mean_ns())}),
                ms_text(h.quantile(0.5)),
                ms_text(h.quantile(0.9)),
                ms_text(h.quantile(0.95)),
                ms_text(h.quantile(0.99)),
                ms_text(h.quantile(0.999)),
                ms_text(h.max())
            ));
        }
        if (const auto note = ramp_note(r_); !note.empty()) {
            for (const auto& part : wrapped(note, width - 2)) {
                line(part);
            }
        }
    }

    void verification() {
        if (r_.verified) {
            heading("Verification");
            text_ += verification_text(*r_.verified, ink_, width);
        }
    }

    void errors() {
        const auto& found = r_.stats.errors;
        if (found.empty()) {
            heading("No errors");
            return;
        }
        heading(fmt::format("Errors ({})", grouped(r_.stats.error_total())));
        std::vector<std::pair<std::string, stats::error_count>> sorted{found.begin(), found.end()};
        std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) {
            return a.second.count > b.second.count;
        });
        for (const auto& [kind, error] : sorted) {
            const auto start = fmt::format("{:>10}  {:<22} ", grouped(error.count), cut(kind, 30));
            const auto room = width - 2 - std::min(columns(start), width - 12);
            line(ink_.red(start) + cut(error.example, room));
        }
    }

    void environment() {
        const auto& p = r_.process;
        const auto& m = r_.host;
        heading("Environment");
        const auto with_server = r_.run.embedded ? " (with the embedded server)" : "";
        auto cpu = fmt::format(
            "{} user + {} system", seconds_text(p.cpu_user), seconds_text(p.cpu_system)
        );
        if (const auto each = r_.cpu_us_per_message()) {
            cpu += fmt::format(", {:.1f} µs a message from ramp to drain", *each);
        }
        entry("CPU time", cpu + with_server);
        auto memory = bytes_text(static_cast<double>(p.rss_peak_bytes)) + " at most";
        if (const auto each = r_.rss_per_agent_bytes()) {
            memory += fmt::format(", {} an agent", bytes_text(static_cast<double>(*each)));
        }
        entry("memory", memory + with_server);
        if (m.cores > 0) {
            entry(
                "machine",
                fmt::format(
                    "{} × {}, {}, {}",
                    m.cores,
                    m.cpu_model.empty() ? "CPU" : m.cpu_model,
                    bytes_text(static_cast<double>(m.memory_bytes)),
                    m.kernel
                )
            );
            entry("load average", fmt::format("{:.2f}", fmt::join(m.load_average, " ")));
            entry(
                "open files",
                fmt::format(
                    "{}limit {} (hard {})",
                    p.max_fds ? fmt::format("at most {}, ", grouped(*p.max_fds)) : "",
                    grouped(m.fd_soft_limit),
                    grouped(m.fd_hard_limit)
                )
            );
        }
        entry("server", r_.run.server);
        entry(
            "settings",
            fmt::format(
                "seed {}, threads {}, io-contexts {}, shard {}",
                r_.run.seed,
                r_.run.threads,
                r_.run.io_contexts,
                r_.run.shard
            )
        );
        entry("tool", fmt::format("vstats-sim {} ({})", r_.tool.version, r_.tool.build));
        entry("command", r_.run.command_line);
    }

    const run_result& r_;
    palette ink_;
    std::string text_;
};

} // namespace

std::string render_summary(const run_result& r, bool color) {
    return page{r, color}.render();
}

} // namespace vsim::report
