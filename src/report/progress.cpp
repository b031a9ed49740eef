#include "report/progress.hpp"

#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace vsim::report {
namespace {

using namespace std::chrono_literals;
using unit = phase_progress::unit;

constexpr auto redraw_every = 250ms;
constexpr auto line_every = 10s;
constexpr std::size_t name_width = 9;
constexpr std::size_t bar_offset = name_width + 3; // and its brackets and a blank
constexpr std::size_t shortest_bar = 6;
constexpr std::size_t longest_bar = 40;
constexpr unsigned narrowest = 40;

double share(const phase_progress& p) {
    if (p.finished && !p.cut_short) {
        return 1;
    }
    return p.total == 0 ? 0
                        : std::min(1.0, static_cast<double>(p.done) / static_cast<double>(p.total));
}

util::nanoseconds as_time(std::uint64_t ns) {
    return util::nanoseconds{static_cast<std::int64_t>(ns)};
}

std::string amount(const phase_progress& p) {
    const auto text = [&](std::uint64_t n) {
        return p.of == unit::time ? seconds_text(as_time(n)) : grouped(n);
    };
    return p.total == 0 ? text(p.done) : fmt::format("{}/{}", text(p.done), text(p.total));
}

std::string speed(const phase_progress& p) {
    return p.of == unit::time ? "" : rate_text(per_second(p.done, p.elapsed));
}

// What is left at the speed so far; how long it took once it is over.
std::string remaining(const phase_progress& p) {
    if (p.finished) {
        return (p.cut_short ? "stopped after " : "in ") + seconds_text(p.elapsed);
    }
    if (p.total == 0 || p.done == 0 || p.done > p.total) {
        return "";
    }
    if (p.of == unit::time) {
        return "ETA " + seconds_text(as_time(p.total - p.done));
    }
    const auto rate = per_second(p.done, p.elapsed);
    const auto left = static_cast<double>(p.total - p.done) / std::max(rate, 1e-9);
    return "ETA " + seconds_text(as_time(static_cast<std::uint64_t>(left * 1e9)));
}

std::string bar(const phase_progress& p, std::size_t cells) {
    const auto full = static_cast<std::size_t>(share(p) * static_cast<double>(cells));
    return std::string(full, '#') + std::string(cells - full, '-');
}

bool has_bar(const phase_progress& p) {
    return p.finished || p.total > 0;
}

// What stands behind the bar: percentage and amount always; speed and the remaining time as far as
// there is room.
std::string phase_figures(const phase_progress& p, std::size_t width) {
    auto figures = has_bar(p) ? fmt::format("{:3.0f}% {}", share(p) * 100, amount(p)) : amount(p);
    for (const auto& more : {speed(p), remaining(p)}) {
        if (!more.empty() && bar_offset + shortest_bar + columns(figures + more) + 2 <= width) {
            figures += "  " + more;
        }
    }
    return figures;
}

// One line for each, the bars equally long.
std::vector<std::string>
phase_lines(const std::vector<phase_progress>& phases, std::size_t width, const palette& ink) {
    std::vector<std::string> figures;
    auto cells = longest_bar;
    for (const auto& p : phases) {
        figures.push_back(phase_figures(p, width));
        if (has_bar(p)) {
            cells = std::min(cells, width - std::min(width, bar_offset + columns(figures.back())));
        }
    }
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const auto& p = phases[i];
        auto line = fmt::format("{:<{}}", cut(p.name, name_width - 1), name_width);
        if (has_bar(p) && cells >= shortest_bar) {
            const auto drawn = bar(p, cells);
            line += fmt::format("[{}] ", p.finished ? ink.green(drawn) : drawn);
            line += figures[i];
        } else {
            line += cut(figures[i], width - name_width);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<std::string> status_parts(const live_status& s) {
    std::vector<std::string> parts{
        fmt::format("connected {}/{}", grouped(s.connected), grouped(s.requested)),
        fmt::format("sent {}", grouped(s.metrics_sent)),
        rate_text(s.metrics_per_second),
        byte_rate_text(s.bytes_per_second),
    };
    if (s.send_lag_p99) {
        parts.push_back(fmt::format("lag p99 {} ms", ms_text(*s.send_lag_p99)));
    }
    parts.push_back(fmt::format("errors {}", grouped(s.errors)));
    return parts;
}

// The parts in as few lines as `width` allows.
std::vector<std::string> status_lines(const live_status& s, std::size_t width, const palette& ink) {
    std::vector<std::string> lines;
    for (const auto& part : status_parts(s)) {
        if (!lines.empty() && columns(lines.back()) + 3 + columns(part) <= width) {
            lines.back() += "   " + part;
        } else {
            lines.push_back(cut(part, width));
        }
    }
    if (s.errors > 0) {
        const auto at = lines.back().rfind("errors");
        lines.back() = lines.back().substr(0, at) + ink.red(lines.back().substr(at));
    }
    return lines;
}

} // namespace

std::string render(const progress_state& state, unsigned width, bool color) {
    const std::size_t room = std::max(width, narrowest) - 1;
    const palette ink{color};
    auto lines = phase_lines(state.phases, room, ink);
    if (state.live) {
        const auto status = status_lines(*state.live, room, ink);
        lines.insert(lines.end(), status.begin(), status.end());
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string plain_line(const progress_state& state) {
    std::vector<std::string> parts;
    if (!state.phases.empty()) {
        const auto& p = state.phases.back();
        parts.push_back(fmt::format("{} {}", p.name, amount(p)));
        for (auto& more : {speed(p), remaining(p)}) {
            if (!more.empty()) {
                parts.push_back(more);
            }
        }
    }
    if (state.live) {
        const auto status = status_parts(*state.live);
        parts.insert(parts.end(), status.begin(), status.end());
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

progress_display::output progress_display::of_process(bool color) {
    return {
        .is_terminal = ::isatty(STDERR_FILENO) == 1,
        .color = color,
        .write =
            [](std::string_view text) {
                std::fwrite(text.data(), 1, text.size(), stderr);
                std::fflush(stderr);
            },
        .width =
            [] {
                winsize size{};
                const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
                return known && size.ws_col > 0 ? unsigned{size.ws_col} : 80U;
            },
    };
}

progress_display::progress_display(output out) : out_{std::move(out)} {}

progress_display::~progress_display() {
    finish();
}

// Back to the first drawn column. A terminal that became narrower has broken the lines, so that
// they now take more rows than were drawn.
std::string progress_display::erase() const {
    if (drawn_.empty()) {
        return {};
    }
    const std::size_t width = std::max(1U, out_.width());
    std::size_t rows = 0;
    for (const auto length : drawn_) {
        rows += std::max<std::size_t>(1, (length + width - 1) / width);
    }
    return fmt::format("\x1b[{}A\r\x1b[J", rows);
}

void progress_display::draw() {
    const auto text = render(state_, out_.width(), out_.color);
    auto out = erase();
    drawn_.clear();
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        drawn_.push_back(columns(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    out += text;
    out += text.empty() ? "" : "\n";
    out_.write(out);
}

void progress_display::update(const progress_state& state, util::steady_time now) {
    const std::lock_guard lock{mutex_};
    if (finished_) {
        return;
    }
    state_ = state;
    const auto pause = out_.is_terminal ? util::nanoseconds{redraw_every} : line_every;
    if (drawn_at_ && now - *drawn_at_ < pause) {
        return;
    }
    // The first plain line comes after the first pause: a short run says nothing.
    const bool is_first = !drawn_at_;
    drawn_at_ = now;
    if (out_.is_terminal) {
        draw();
    } else if (!is_first && !state_.phases.empty()) {
        out_.write(plain_line(state_) + "\n");
    }
}

void progress_display::print_above(std::string_view line) {
    const std::lock_guard lock{mutex_};
    if (!out_.is_terminal || finished_ || drawn_.empty()) {
        out_.write(line);
        return;
    }
    out_.write(erase() + std::string{line});
    drawn_.clear();
    draw();
}

void progress_display::finish() {
    const std::lock_guard lock{mutex_};
    if (!finished_ && out_.is_terminal && !state_.phases.empty()) {
        draw();
    }
    finished_ = true;
}

} // namespace vsim::report
