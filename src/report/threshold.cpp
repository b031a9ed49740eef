#include "report/threshold.hpp"

#include "report/limit.hpp"
#include "report/units.hpp"
#include "util/parse.hpp"
#include "util/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace vsim::report {
namespace {

using util::result;

constexpr std::size_t longest = 200;
constexpr std::string_view operator_letters = "<>=!";

// Longest first, so that "<=" is not read as "<".
constexpr std::array<std::pair<std::string_view, comparison>, 6> comparisons{{
    {"<=", comparison::at_most},
    {">=", comparison::at_least},
    {"==", comparison::equal},
    {"!=", comparison::different},
    {"<", comparison::less},
    {">", comparison::greater},
}};

util::error bad(std::string_view expression, std::string_view what, std::string_view accepted) {
    return util::make_error(
        util::errc::bad_input,
        fmt::format("'{}': {} (accepted: {})", util::one_line(expression, {}), what, accepted)
    );
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string shown(std::string_view text) {
    return util::one_line(text, {});
}

// --- The name

std::string nearest_names(std::string_view wrong) {
    std::vector<std::pair<std::size_t, std::string_view>> order;
    for (const auto& m : metrics()) {
        // What only lacks its end is nearest of all.
        const auto distance = m.name.starts_with(wrong) ? 0 : util::edit_distance(wrong, m.name);
        order.emplace_back(distance, m.name);
    }
    std::ranges::stable_sort(order, {}, &decltype(order)::value_type::first);
    std::vector<std::string_view> names;
    for (const auto& [distance, name] : order) {
        names.push_back(name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string statistics_text(const metric& m) {
    std::vector<std::string> all;
    for (const auto s : m.statistics()) {
        all.push_back(fmt::format("{}.{}", m.name, name(s)));
    }
    return fmt::format("{}", fmt::join(all, ", "));
}

struct named {
    std::size_t which;
    std::string error_kind;
    statistic stat = statistic::none;
};

result<named> read_errors_of_kind(std::string_view expression, std::string_view text) {
    constexpr std::string_view opening = "errors{";
    constexpr std::string_view accepted = "errors{connect.refused}, errors{connect.refused}.rate";
    const auto close = text.find('}');
    const auto kind = text.substr(opening.size(), close - opening.size());
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    if (close == text.npos || kind.empty() || !std::ranges::all_of(kind, is_part)) {
        return bad(expression, "an error's kind is missing", accepted);
    }
    named n{*find_metric("errors{KIND}"), std::string{kind}};
    const auto rest = text.substr(close + 1);
    if (!rest.empty()) {
        const auto s = rest.front() == '.' ? statistic_named(rest.substr(1)) : std::nullopt;
        if (!s || !metrics()[n.which].accepts(*s)) {
            return bad(expression, fmt::format("'{}' does not fit there", shown(rest)), accepted);
        }
        n.stat = *s;
    }
    return n;
}

result<named> read_name(std::string_view expression, std::string_view text) {
    if (text.empty()) {
        return bad(expression, "the metric is missing", threshold_grammar);
    }
    if (text.starts_with("errors{")) {
        return read_errors_of_kind(expression, text);
    }
    if (const auto whole = find_metric(text)) {
        const auto& m = metrics()[*whole];
        if (!m.accepts(statistic::none)) {
            return bad(expression, fmt::format("which {}?", m.name), statistics_text(m));
        }
        return named{*whole, {}};
    }
    const auto dot = text.rfind('.');
    const auto head = text.substr(0, dot);
    if (const auto found = find_metric(head); found && dot != text.npos) {
        const auto& m = metrics()[*found];
        const auto s = statistic_named(text.substr(dot + 1));
        if (s && m.accepts(*s)) {
            return named{*found, {}, *s};
        }
        if (!m.statistics().empty()) {
            return bad(
                expression,
                fmt::format("'{}' is no statistic of {}", shown(text.substr(dot + 1)), m.name),
                statistics_text(m)
            );
        }
    }
    // A misspelt latency is nearer without its statistic.
    const auto misspelt = dot != text.npos && statistic_named(text.substr(dot + 1)) ? head : text;
    return bad(
        expression, fmt::format("there is no metric '{}'", shown(misspelt)), nearest_names(misspelt)
    );
}

// --- Window and limit

result<std::optional<util::nanoseconds>>
read_window(std::string_view expression, std::string_view text, const metric& m) {
    constexpr std::string_view opening = "last=";
    constexpr std::string_view accepted = "@last=60s: 1s to 1h, of the end of the run phase";
    if (!text.starts_with(opening)) {
        return bad(expression, fmt::format("'@{}' is not a window", shown(text)), accepted);
    }
    const auto d = util::parse_duration(text.substr(opening.size()));
    if (!d || *d < std::chrono::seconds{1} || *d > std::chrono::hours{1}) {
        return bad(expression, fmt::format("'@{}' is not a window", shown(text)), accepted);
    }
    if (!m.has_window()) {
        return bad(
            expression,
            fmt::format("{} is only known of the whole run", m.name),
            "@last with latencies, counters and errors"
        );
    }
    return std::optional{*d};
}

bool holds(double value, comparison op, double limit) {
    switch (op) {
    case comparison::less:
        return value < limit;
    case comparison::at_most:
        return value <= limit;
    case comparison::greater:
        return value > limit;
    case comparison::at_least:
        return value >= limit;
    case comparison::equal:
        return value == limit;
    case comparison::different:
        return value != limit;
    }
    return false;
}

bool is_named(const threshold& t, std::initializer_list<std::string_view> beginnings) {
    const auto name = metrics()[t.which].name;
    return std::ranges::any_of(beginnings, [name](auto b) { return name.starts_with(b); });
}

} // namespace

result<threshold> parse_threshold(std::string_view text) {
    if (text.size() > longest) {
        return bad(text, "is too long", threshold_grammar);
    }
    const auto at = text.find_first_of(operator_letters);
    if (at == text.npos) {
        return bad(text, "there is no comparison", "one of < <= > >= == !=");
    }
    const auto op = std::ranges::find_if(comparisons, [&](const auto& c) {
        return text.substr(at).starts_with(c.first);
    });
    if (op == comparisons.end()) {
        return bad(text, "that is no comparison", "one of < <= > >= == !=");
    }
    auto found = read_name(text, trimmed(text.substr(0, at)));
    if (!found) {
        return found.error();
    }
    const auto& m = metrics()[found->which];
    auto value = text.substr(at + op->first.size());
    threshold t;
    if (const auto window = value.find('@'); window != value.npos) {
        const auto last = read_window(text, trimmed(value.substr(window + 1)), m);
        if (!last) {
            return last.error();
        }
        t.last = *last;
        value = value.substr(0, window);
    }
    value = trimmed(value);
    t.expression = std::string{text};
    t.which = found->which;
    t.error_kind = std::move(found->error_kind);
    t.stat = found->stat;
    t.op = op->second;
    t.of = m.of(t.stat);
    const auto& form = form_of(t.of);
    auto limit = form.read(value);
    if (!limit) {
        return bad(
            text,
            value.empty() ? "the value is missing"
                          : fmt::format("'{}' does not fit {}", shown(value), m.name),
            form.accepted
        );
    }
    t.limit = limit->value;
    t.unit = std::move(limit->unit);
    t.unit_size = limit->unit_size;
    return t;
}

std::string text_of(const threshold& t) {
    return t.expression;
}

bool needs_fence(const threshold& t) {
    return is_named(t, {"fence"});
}

bool needs_viewers(const threshold& t) {
    return is_named(t, {"freshness", "viewers."});
}

bool needs_readers(const threshold& t) {
    return is_named(t, {"history_read", "readers."});
}

bool needs_verification(const threshold& t) {
    return is_named(t, {"verify."});
}

std::vector<window_request> windows_of(const std::vector<threshold>& all) {
    std::vector<window_request> wanted;
    for (const auto& t : all) {
        if (!t.last) {
            continue;
        }
        auto same = std::ranges::find(wanted, *t.last, &window_request::length);
        if (same == wanted.end()) {
            same = wanted.insert(wanted.end(), {.length = *t.last, .latencies = {}});
        }
        const auto& m = metrics()[t.which];
        if (m.what == metric::kind::latency) {
            const auto which = static_cast<stats::latency>(m.place);
            if (std::ranges::find(same->latencies, which) == same->latencies.end()) {
                same->latencies.push_back(which);
            }
        }
    }
    return wanted;
}

threshold_result
evaluate(const threshold& t, const run_result& r, std::span<const window> windows) {
    threshold_result made{
        .expression = t.expression, .limit = t.limit / t.unit_size, .unit = t.unit
    };
    figures from{r, r.stats, std::nullopt};
    const window* part = nullptr;
    if (t.last) {
        const auto found = std::ranges::find(windows, *t.last, &window::length);
        if (found == windows.end()) {
            made.note = "no run phase, or it was not watched";
            return made;
        }
        part = &*found;
        if (part->covers < part->length) {
            made.note = "the run phase was shorter: " + seconds_text(part->covers);
        }
    }
    const auto got =
        part != nullptr
            ? metrics()[t.which].read(t.stat, t.error_kind, figures{r, part->gained, part->covers})
            : metrics()[t.which].read(t.stat, t.error_kind, from);
    if (!got.value) {
        made.note = got.why;
        return made;
    }
    made.value = *got.value / t.unit_size;
    made.is_ok = holds(*got.value, t.op, t.limit);
    return made;
}

std::string value_text(const threshold_result& t) {
    if (!t.value) {
        return "not measured: " + t.note;
    }
    return number_text(*t.value, t.unit) + (t.note.empty() ? "" : " (" + t.note + ")");
}

std::string subject_of(const threshold_result& t) {
    const std::string_view text = t.expression;
    const auto window = text.find('@');
    return std::string{trimmed(text.substr(0, text.find_first_of(operator_letters)))} +
           std::string{window == text.npos ? "" : trimmed(text.substr(window))};
}

std::string comparison_text(const threshold_result& t) {
    if (!t.value) {
        return value_text(t);
    }
    const std::string_view text = t.expression;
    const auto at = text.find_first_of(operator_letters);
    const auto op = text.substr(at, text.find_first_not_of(operator_letters, at) - at);
    return fmt::format(
        "[ {} {} {} ]{}",
        number_text(*t.value, t.unit),
        op,
        number_text(t.limit, t.unit),
        t.note.empty() ? "" : " " + t.note
    );
}

std::string number_text(double value, std::string_view unit) {
    const auto rounded = std::round(value);
    auto text = value >= 1000 && value < 1e18 ? grouped(static_cast<std::uint64_t>(rounded))
                                              : fmt::format("{:.4g}", value);
    const bool is_word = !unit.empty() && unit != "%" && !unit.starts_with('/');
    return text + (is_word ? " " : "") + std::string{unit};
}

std::optional<double> ratio_to_limit(const threshold_result& t) {
    if (!t.value || t.limit == 0) {
        return std::nullopt;
    }
    return *t.value / t.limit;
}

} // namespace vsim::report
