#include "report/progress.hpp"

#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

namespace vsim::report {
namespace {

using namespace std::chrono_literals;
using unit = phase_progress::unit;

constexpr std::size_t label_width = 10;
constexpr std::size_t shortest_bar = 6;
constexpr std::size_t longest_bar = 40;
constexpr std::size_t speed_width = 9; // "999,999/s"
constexpr std::size_t end_width = 13;  // "cut at 12m30s", "until Ctrl-C"
constexpr std::size_t narrowest = 40;  // below, lines are cut
constexpr util::nanoseconds worth_saying = 5s;

// --- Text

util::nanoseconds as_time(std::uint64_t ns) {
    return util::nanoseconds{static_cast<std::int64_t>(ns)};
}

// Whole seconds, as durations are typed: "45s", "12m30s", "2h05m".
std::string clock_text(util::nanoseconds d) {
    const auto s = d / 1s;
    if (s < 60) {
        return fmt::format("{}s", s);
    }
    return s < 3600 ? fmt::format("{}m{:02}s", s / 60, s % 60)
                    : fmt::format("{}h{:02}m", s / 3600, s % 3600 / 60);
}

std::string took_text(util::nanoseconds d) {
    return d < 9950ms ? fmt::format("{:.1f}s", static_cast<double>(d.count()) / 1e9)
                      : clock_text(d + 500ms);
}

// What is far is told in coarse steps, so that it does not fidget.
std::string eta_text(util::nanoseconds d) {
    const auto step = d < 2min ? 1s : d < 10min ? 10s : d < 1h ? 60s : 300s;
    const auto steps = std::max<std::int64_t>(1, (d + step / 2) / step);
    const auto text = clock_text(steps * step);
    return text.ends_with("m00s") && d >= 10min ? text.substr(0, text.size() - 3) : text;
}

std::string latency_text(const measured& m) {
    if (!m.value) {
        return fmt::format("{:>4}   ", "-");
    }
    auto x = static_cast<double>(m.value->count()) / 1e6;
    const bool is_long = x >= 999.5;
    x = is_long ? x / 1e3 : x;
    const int decimals = x < 9.995 ? 2 : x < 99.95 ? 1 : 0;
    return fmt::format("{:>4.{}f} {:<2}", x, decimals, is_long ? "s" : "ms");
}

std::string without_end(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

// --- Phases

double share(const phase_progress& p) {
    if (p.finished && !p.cut_short) {
        return 1;
    }
    return p.total == 0 ? 0
                        : std::min(1.0, static_cast<double>(p.done) / static_cast<double>(p.total));
}

bool has_bar(const phase_progress& p) {
    return p.finished || p.total > 0;
}

std::string in_unit(const phase_progress& p, std::uint64_t n) {
    return p.of == unit::time ? clock_text(as_time(n)) : grouped(n);
}

std::string amount(const phase_progress& p) {
    if (p.total == 0 || (p.finished && !p.cut_short)) {
        return in_unit(p, p.done);
    }
    const auto all = in_unit(p, p.total);
    return fmt::format("{:>{}}/{}", in_unit(p, p.done), all.size(), all);
}

// The same from its beginning to its end, so that bars do not change their length in between.
std::size_t amount_width(const phase_progress& p) {
    return 2 * in_unit(p, std::max(p.done, p.total)).size() + 1;
}

std::string speed(const phase_progress& p) {
    if (p.of == unit::time) {
        return {};
    }
    return rate_text(p.finished ? per_second(p.done, p.elapsed) : p.speed);
}

struct ending {
    std::string text;
    bool is_odd = false; // deserves attention
};

// When it will be over, or why nobody knows; how long it took once it is.
ending end_of(const phase_progress& p) {
    if (p.finished) {
        return {(p.cut_short ? "cut at " : "in ") + took_text(p.elapsed), p.cut_short};
    }
    if (p.of == unit::time && p.total == 0) {
        return {"until Ctrl-C"};
    }
    if (p.of == unit::time) {
        const auto left = as_time(p.total) - as_time(p.done);
        if (left > 0s) {
            return {"ETA " + clock_text(left + 999ms)};
        }
        return left > -1s ? ending{} : ending{"overdue " + clock_text(-left), true};
    }
    if (p.remaining) {
        return {"ETA " + eta_text(*p.remaining)};
    }
    if (p.idle >= worth_saying) {
        return {"idle " + clock_text(p.idle), true};
    }
    return p.elapsed >= worth_saying ? ending{"for " + clock_text(p.elapsed)} : ending{};
}

// Which columns there are, the same for all phases: they keep their places whatever they hold.
struct phase_columns {
    std::size_t bar = 0; // 0: none
    std::size_t amount = 0;
    bool has_speed = false, has_end = false;

    phase_columns(const std::vector<phase_progress>& phases, std::size_t width) {
        for (const auto& p : phases) {
            amount = has_bar(p) ? std::max(amount, amount_width(p)) : amount;
        }
        const auto always = label_width + 3 + 5 + amount; // the bar's brackets, the percentage
        auto room = width - std::min(width, always);
        if (room < shortest_bar) {
            return;
        }
        has_end = room >= shortest_bar + 2 + end_width;
        room -= has_end ? 2 + end_width : 0;
        has_speed = has_end && room >= shortest_bar + 2 + speed_width;
        room -= has_speed ? 2 + speed_width : 0;
        bar = std::min(room, longest_bar);
    }
};

std::string bar_of(const phase_progress& p, std::size_t cells, const palette& ink) {
    const auto full = static_cast<std::size_t>(share(p) * static_cast<double>(cells));
    const auto drawn = std::string(full, '#') + std::string(cells - full, '-');
    return fmt::format(
        "[{}] ",
        !p.finished   ? drawn
        : p.cut_short ? ink.yellow(drawn)
                      : ink.green(drawn)
    );
}

std::string phase_line(const phase_progress& p, const phase_columns& with, const palette& ink) {
    const auto end = end_of(p);
    const auto shown_end = end.is_odd ? ink.yellow(end.text) : end.text;
    auto line = fmt::format("{:<{}}", cut(p.name, label_width - 1), label_width);
    if (!has_bar(p)) {
        return line + amount(p) + (end.text.empty() ? "" : "  " + shown_end);
    }
    if (with.bar > 0) {
        line += bar_of(p, with.bar, ink);
    }
    // Rounded down: 100 % is all.
    line += fmt::format("{:>3}% {:>{}}", std::floor(share(p) * 100), amount(p), with.amount);
    if (with.has_speed) {
        line += fmt::format("  {:>{}}", speed(p), speed_width);
    }
    if (with.has_end && !end.text.empty()) {
        line += "  " + shown_end;
    }
    return without_end(std::move(line));
}

// --- Figures

enum class mood { calm, warning, alarm };

struct field {
    std::string text;
    mood how = mood::calm;
};
struct row {
    std::string_view label;
    std::vector<field> fields;
};

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

row agents_row(const live_status& s) {
    const auto all = grouped(s.requested);
    row r{"agents", {}};
    r.fields.push_back({fmt::format("{:>{}}/{} connected", grouped(s.connected), all.size(), all)});
    if (s.viewers > 0) {
        r.fields.push_back({counted(s.viewers, "viewer", "viewers")});
    }
    r.fields.push_back(
        {counted(s.errors, "error", "errors"), s.errors > 0 ? mood::alarm : mood::calm}
    );
    return r;
}

row sent_row(const live_status& s) {
    return {
        "sent",
        {
            {grouped(s.metrics_sent) + " metrics"},
            {fmt::format("{:>9}", rate_text(s.metrics_per_second))},
            {fmt::format("{:>9}", byte_rate_text(s.bytes_per_second))},
            {grouped(s.missed) + " missed", s.missed > 0 ? mood::warning : mood::calm},
        },
    };
}

row latency_row(const live_status& s) {
    row r{"latency", {}};
    const auto add = [&r](const measured& m, std::string text) {
        if (m.is_wanted) {
            r.fields.push_back({std::move(text)});
        }
    };
    const auto p50 = latency_text(s.fence_p50);
    add(s.send_lag_p99, "lag p99 " + latency_text(s.send_lag_p99));
    add(s.fence_p99, fmt::format("fence p50 {} p99 {}", p50, latency_text(s.fence_p99)));
    add(s.freshness_p95, "freshness p95 " + latency_text(s.freshness_p95));
    return r;
}

row server_row(const live_status& s) {
    if (s.server_has_ended) {
        return {"server", {{"the process has ended", mood::alarm}}};
    }
    row r{"server", {}};
    if (s.server) {
        r.fields.push_back({fmt::format("CPU {:>4.0f}%", s.server->cpu_pct)});
        const auto memory = bytes_text(static_cast<double>(s.server->rss_bytes));
        r.fields.push_back({fmt::format("RSS {:>7}", memory)});
        r.fields.push_back({counted(s.server->threads, "thread", "threads")});
        if (s.server->fds) {
            r.fields.push_back({counted(*s.server->fds, "file", "files")});
        }
    }
    return r;
}

// Fields whose numbers change have a fixed width, so that the others stay where they are.
std::vector<row> rows_of(const live_status& s) {
    std::vector<row> rows{agents_row(s), sent_row(s), latency_row(s), server_row(s)};
    std::erase_if(rows, [](const row& r) { return r.fields.empty(); });
    return rows;
}

// The fields of a row in as few lines as `width` allows.
void add_row(std::vector<std::string>& lines, const row& r, std::size_t width, const palette& ink) {
    constexpr std::string_view gap = "  ";
    auto line = fmt::format("{:<{}}", r.label, label_width);
    bool is_first = true;
    for (const auto& f : r.fields) {
        const auto wanted = columns(without_end(f.text));
        if (!is_first && columns(line) + gap.size() + wanted > width) {
            lines.push_back(without_end(std::move(line)));
            line = std::string(label_width, ' ');
            is_first = true;
        }
        line += is_first ? "" : gap;
        const bool fits = columns(line) + columns(f.text) <= width;
        const auto shown = fits ? f.text : cut(without_end(f.text), width - label_width);
        line += f.how == mood::alarm     ? ink.red(shown)
                : f.how == mood::warning ? ink.yellow(shown)
                                         : shown;
        is_first = false;
    }
    lines.push_back(without_end(std::move(line)));
}

} // namespace

std::vector<std::string> render(const progress_state& state, terminal_size size, bool color) {
    const auto width = std::max<std::size_t>(size.columns, narrowest) - 1;
    const bool must_cut = size.columns < narrowest;
    const palette ink{color && !must_cut};
    std::vector<std::string> figures;
    if (state.live) {
        for (const auto& r : rows_of(*state.live)) {
            add_row(figures, r, width, ink);
        }
    }
    const auto rows = std::max<std::size_t>(1, size.rows);
    const auto for_phases = std::max<std::size_t>(1, rows - std::min(rows, figures.size()));
    const phase_columns with{state.phases, width};
    std::vector<std::string> lines;
    const auto left_out = state.phases.size() - std::min(state.phases.size(), for_phases);
    for (std::size_t i = left_out; i < state.phases.size(); ++i) {
        lines.push_back(phase_line(state.phases[i], with, ink));
    }
    lines.insert(lines.end(), figures.begin(), figures.end());
    lines.resize(std::min(lines.size(), rows));
    for (auto& line : lines) {
        line = must_cut ? cut(line, std::max(2U, size.columns) - 1) : line;
    }
    return lines;
}

std::string plain_line(const progress_state& state) {
    std::vector<std::string> parts;
    if (!state.phases.empty()) {
        const auto& p = state.phases.back();
        parts.push_back(fmt::format("{} {}", p.name, amount(p)));
        for (auto& more : {speed(p), end_of(p).text}) {
            if (!more.empty()) {
                parts.push_back(more);
            }
        }
    }
    if (state.live) {
        for (const auto& r : rows_of(*state.live)) {
            for (const auto& f : r.fields) {
                const auto begin = f.text.find_first_not_of(' ');
                parts.push_back(without_end(f.text.substr(begin)));
            }
        }
    }
    auto line = fmt::format("{}", fmt::join(parts, ", "));
    const auto is_blank = [](char a, char b) { return a == ' ' && b == ' '; };
    line.erase(std::unique(line.begin(), line.end(), is_blank), line.end());
    return line;
}

} // namespace vsim::report
