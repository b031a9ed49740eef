#include "report/console_capacity.hpp"

#include "report/threshold.hpp"
#include "report/units.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace vsim::report {
namespace {

using verdict = capacity_step::verdict;

constexpr std::size_t width = 80;

std::string agents_text(std::uint32_t n) {
    return fmt::format("{} {}", grouped(n), n == 1 ? "agent" : "agents");
}

std::string ms_or_dash(std::optional<double> ms) {
    return ms ? ms_text(util::nanoseconds{std::llround(*ms * 1e6)}) : "-";
}

std::string in_color(verdict v, std::string_view text, const palette& ink) {
    switch (v) {
    case verdict::accepted:
        return ink.green(text);
    case verdict::rejected:
        return ink.red(text);
    case verdict::invalid:
        break;
    }
    return ink.yellow(text);
}

// Lines below each other's beginning.
std::string paragraph(std::string_view label, std::string_view text) {
    std::string out;
    auto start = std::string{label};
    for (const auto& part : wrapped(text, width - columns(label))) {
        out += start + part + "\n";
        start = std::string(columns(label), ' ');
    }
    return out;
}

std::string conclusion(const capacity_step& s) {
    if (s.said == verdict::invalid) {
        return fmt::format("--> iteration {} says nothing about the server", s.iteration);
    }
    const auto word = s.said == verdict::accepted ? "accepting" : "rejecting";
    const bool is_open = s.is_borderline && !s.is_repeat;
    return fmt::format(
        "--> {} iteration {}{}",
        word,
        s.iteration,
        is_open ? " for now: too near a limit to be sure, it is repeated" : ""
    );
}

std::string table(const capacity_facts& f, const palette& ink) {
    constexpr auto row = "{:>5}{:>11}{:>10}{:>8}{:>8}{:>9}{:>10}{:>8}  {}\n";
    auto text =
        ink.bold(" step     agents    msgs/s   fence   fence    fresh      rows  server  verdict\n"
                 "                            p50 ms  p99 ms    p95 s   missing     cpu\n");
    for (const auto& s : f.steps) {
        const auto fresh = s.freshness_p95_ms;
        auto said = std::string{name(s.said)};
        if (s.is_borderline && !s.is_repeat) {
            said = "repeated";
        }
        text += fmt::format(
            row,
            s.iteration,
            grouped(s.agents),
            s.messages_per_second >= 1000
                ? grouped(static_cast<std::uint64_t>(s.messages_per_second))
                : fmt::format("{:.3g}", s.messages_per_second),
            ms_or_dash(s.fence_p50_ms),
            ms_or_dash(s.fence_p99_ms),
            fresh ? fmt::format("{:.2f}", *fresh / 1e3) : "-",
            s.missing ? grouped(*s.missing) : "-",
            s.server_cpu_pct ? fmt::format("{:.0f}%", *s.server_cpu_pct) : "-",
            in_color(s.said, said, ink)
        );
    }
    return text;
}

std::string answer(const capacity_facts& f) {
    const auto none = f.largest_accepted ? agents_text(*f.largest_accepted) + " were accepted"
                                         : std::string{"nothing was accepted"};
    switch (f.end) {
    case capacity_end::found:
        return fmt::format(
            "Capacity: {}; {} were too many",
            agents_text(*f.largest_accepted),
            grouped(*f.smallest_rejected)
        );
    case capacity_end::all_good:
        return fmt::format(
            "Capacity: {} or more: --to was reached and no criterion broke",
            agents_text(*f.largest_accepted)
        );
    case capacity_end::none_good:
        return fmt::format(
            "Capacity: below {}: the fleet of --from was too large already", agents_text(f.from)
        );
    case capacity_end::generator:
        return "The generator is the limit, not the server; " + none;
    case capacity_end::interrupted:
        return "Stopped before there was an answer; " + none;
    case capacity_end::failed:
        break;
    }
    return "A step could not be run; " + none;
}

std::string knee_text(const capacity_facts& f) {
    const auto knee = knee_of(f.steps);
    const auto rule = fmt::format("{} times that of the smallest fleet", knee_factor);
    if (!knee) {
        return fmt::format("none: p99 stayed below {}", rule);
    }
    return fmt::format(
        "between {} and {}: {} rose from {} ms to {} ms, over {}",
        grouped(knee->below),
        agents_text(knee->agents),
        knee->metric,
        ms_or_dash(knee->base_ms),
        ms_or_dash(knee->value_ms),
        rule
    );
}

} // namespace

std::string render_step_start(const capacity_step& s, util::nanoseconds step_duration, bool color) {
    const palette ink{color};
    return ink.bold(fmt::format(
               ">-- iteration {}: {} for {}{}",
               s.iteration,
               agents_text(s.agents),
               util::format_duration(step_duration),
               s.is_repeat ? ", repeated" : ""
           )) +
           "\n";
}

std::string render_step_end(const capacity_step& s, bool color) {
    const palette ink{color};
    constexpr std::string_view run_row = "the run";
    std::size_t widest = s.reason.empty() ? 0 : run_row.size();
    for (const auto& t : s.criteria) {
        widest = std::max(widest, columns(subject_of(t)));
    }
    const auto row = [&](std::string_view what, bool is_ok, std::string_view text) {
        const auto start = fmt::format("    {:<{}}  {}  ", what, widest, is_ok ? "PASS" : "FAIL");
        return paragraph(is_ok ? ink.green(start) : ink.red(start), text);
    };
    std::string text;
    for (const auto& t : s.criteria) {
        text += row(subject_of(t), t.is_ok, comparison_text(t));
    }
    if (!s.reason.empty()) {
        text += row(run_row, false, s.reason);
    }
    return text + in_color(s.said, conclusion(s), ink) + "\n";
}

std::string render_capacity(const capacity_facts& f, bool color) {
    const palette ink{color};
    auto text = "\n" + table(f, ink) + "\n" + ink.bold(answer(f)) + "\n";
    const auto entry = [&text](std::string_view label, std::string_view what) {
        text += paragraph(fmt::format("  {:<13}", label), what);
    };
    if (!f.end_reason.empty()) {
        entry("because", f.end_reason);
    }
    if (f.smallest_rejected) {
        const auto* step = decisive_step(f, *f.smallest_rejected);
        const auto* broken = first_broken(f);
        if (broken != nullptr) {
            entry(
                "broke first",
                fmt::format(
                    "{} at {}: {}",
                    broken->expression,
                    agents_text(step->agents),
                    value_text(*broken)
                )
            );
        } else if (step != nullptr) {
            entry(
                "broke first",
                fmt::format("the run of {}: {}", agents_text(step->agents), step->reason)
            );
        }
    }
    if (f.end != capacity_end::none_good && f.steps.size() > 1) {
        entry("knee", knee_text(f));
    }
    entry(
        "searched",
        fmt::format(
            "{} to {}, to {} of the answer, {} a step",
            grouped(f.from),
            agents_text(f.to),
            util::format_share(f.resolution),
            util::format_duration(f.step_duration)
        )
    );
    if (!f.how_to_resume.empty()) {
        entry("to go on", f.how_to_resume);
    }
    return text;
}

} // namespace vsim::report
