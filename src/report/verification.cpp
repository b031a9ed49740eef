#include "report/verification.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <vector>

namespace vsim::report {
namespace {

constexpr std::size_t console_width = 80;

double in_s(util::nanoseconds d) {
    return std::chrono::duration<double>{d}.count();
}

bool is_empty(const granularity_check& g) {
    return g.expected + g.foreign == 0;
}

// "5sec bucket 359098411 (2026-11-24T03:47:35Z)".
std::string place_of(const difference& d) {
    const auto target = d.target.empty() ? std::string{} : fmt::format(", ping of {}", d.target);
    return fmt::format(
        "{}: {} bucket {} ({}){}",
        d.agent,
        d.granularity == "raw" ? "samples of 5sec" : d.granularity,
        d.bucket,
        util::format_rfc3339(d.at),
        target
    );
}

std::string values_of(const difference& d) {
    if (d.field.empty()) {
        return {};
    }
    if (d.field == "target_host") {
        return ", target_host";
    }
    return fmt::format(
        ", {}: expected {}{}, found {}",
        d.field,
        d.expected,
        d.tolerance > 0 ? fmt::format(" (±{:.2g})", d.tolerance) : "",
        d.found
    );
}

void write_check(json_writer& j, const granularity_check& g) {
    j.begin_object();
    j.member("granularity", g.name);
    j.member("expected", g.expected);
    j.member("found", g.found);
    j.member("missing", g.missing);
    j.member("altered", g.altered);
    j.member("foreign", g.foreign);
    j.end_object();
}

void write_checks(json_writer& j, std::string_view key, const std::vector<granularity_check>& all) {
    j.begin_array(key);
    for (const auto& g : all) {
        write_check(j, g);
    }
    j.end_array();
}

} // namespace

std::string verification_text(const verification& v, const palette& ink, std::size_t width) {
    std::string text;
    const auto line = [&](std::string_view one) { text += fmt::format("  {}\n", one); };
    const auto paragraph = [&](std::string_view mark, std::string_view words) {
        auto start = std::string{mark};
        for (const auto& part : wrapped(words, width - 2 - mark.size())) {
            line(start + part);
            start.assign(mark.size(), ' ');
        }
    };
    paragraph(
        "",
        fmt::format("{} agents against {}, {}", grouped(v.agents), v.source, seconds_text(v.took))
    );
    constexpr auto row = "{:<16}{:>13}{:>13}{:>11}{:>11}{:>11}";
    line(ink.bold(fmt::format(row, "rows", "expected", "found", "missing", "altered", "foreign")));
    const auto show = [&](std::string_view name, const granularity_check& g) {
        if (is_empty(g)) {
            return;
        }
        const auto one = fmt::format(
            row,
            name,
            grouped(g.expected),
            grouped(g.found),
            grouped(g.missing),
            grouped(g.altered),
            grouped(g.foreign)
        );
        line(g.missing + g.altered + g.foreign > 0 ? ink.red(one) : one);
    };
    for (const auto& g : v.metrics) {
        show("metrics " + g.name, g);
    }
    for (const auto& g : v.ping) {
        show("ping " + g.name, g);
    }
    show("samples", v.raw);
    const std::pair<std::uint64_t, std::string_view> counts[]{
        {v.agents_with_loss, "agents of whom something is not as they sent it"},
        {v.twice, "rows or samples that are there twice"},
        {v.late, "rows that came late, but came"},
        {v.unreadable, "agents that could not be read"},
        {v.unjudged, "agents that sent nothing"},
    };
    for (const auto& [count, what] : counts) {
        if (count > 0) {
            line(fmt::format("{:>10}  {}", grouped(count), what));
        }
    }
    for (const auto& d : v.examples) {
        paragraph("- ", fmt::format("{} {}{}", d.kind, place_of(d), values_of(d)));
        paragraph("  ", d.cause);
    }
    return text;
}

void write_verification(json_writer& j, const verification& v) {
    j.begin_object("verify");
    j.member("source", v.source);
    j.member("agents", v.agents);
    j.member("buckets_expected", v.expected());
    j.member("buckets_found", v.found());
    j.member("missing", v.missing());
    j.member("altered", v.altered());
    j.member("foreign", v.foreign());
    j.member("twice", v.twice);
    j.member("late", v.late);
    j.member("agents_with_loss", v.agents_with_loss);
    j.member("agents_unreadable", v.unreadable);
    j.member("agents_silent", v.unjudged);
    j.member("took_s", in_s(v.took));
    write_checks(j, "metrics", v.metrics);
    write_checks(j, "ping", v.ping);
    if (!is_empty(v.raw)) {
        write_checks(j, "samples", {v.raw});
    }
    j.begin_array("examples");
    for (const auto& d : v.examples) {
        j.begin_object();
        j.member("kind", d.kind);
        j.member("granularity", d.granularity);
        j.member("agent", d.agent);
        if (!d.target.empty()) {
            j.member("target", d.target);
        }
        j.member("bucket", d.bucket);
        j.member("at", util::format_rfc3339(d.at));
        if (!d.field.empty()) {
            j.member("field", d.field);
            j.member("expected", d.expected);
            j.member("found", d.found);
            j.member("tolerance", d.tolerance);
        }
        j.member("cause", d.cause);
        j.end_object();
    }
    j.end_array();
    j.end_object();
}

std::string render_proof(const run_result& r, bool color) {
    const palette ink{color};
    auto text = fmt::format("{}\n", r.passed() ? ink.green("PASS") : ink.red("FAIL"));
    for (const auto& f : r.findings) {
        auto mark = std::string{"- "};
        for (const auto& part :
             wrapped(fmt::format("{} (exit code {})", f.text, f.exit_code), console_width - 4)) {
            text += fmt::format("  {}{}\n", mark, part);
            mark = "  ";
        }
    }
    if (r.verified) {
        text += "\n" + ink.bold("Verification") + "\n";
        text += verification_text(*r.verified, ink, console_width);
    }
    return text;
}

} // namespace vsim::report
