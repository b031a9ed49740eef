#include "report/limit.hpp"
#include "report/threshold.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vsim::report {

std::string threshold_help() {
    std::string text = fmt::format(
        "A threshold is {0}\n"
        "\n"
        "  fence.p99<50ms  errors.rate<0.1%  metrics.sent.rate>1600/s@last=60s\n"
        "\n"
        "OP is one of < <= > >= == !=. @last covers the end of the run phase: at least\n"
        "that long and at most a sixtieth more. What was not measured is not met.\n",
        threshold_grammar
    );
    const auto add = [&text](std::string_view title, auto wanted) {
        std::vector<std::string_view> names;
        for (const auto& m : metrics()) {
            if (wanted(m)) {
                names.push_back(m.name);
            }
        }
        text += fmt::format("\n{}\n", title);
        for (const auto& line : wrapped(fmt::format("{}", fmt::join(names, " ")), 76)) {
            text += fmt::format("  {}\n", line);
        }
    };
    using kind = metric::kind;
    add("Latencies, with .count .min .mean .p50 .p90 .p95 .p99 .p999 .max",
        [](const metric& m) { return m.what == kind::latency; });
    add("Counters, with .rate: by second of ramp and run (history: of the history phase)",
        [](const metric& m) { return m.what == kind::counter; });
    add("Errors of one kind, with .rate: KIND as the summary lists it",
        [](const metric& m) { return m.what == kind::errors_of_kind; });
    for (const auto& f : limit_forms()) {
        const auto is_so = [&f](const metric& m) {
            return m.what == kind::figure && m.of(statistic::none) == f.of;
        };
        if (std::ranges::any_of(metrics(), is_so)) {
            add("As " + std::string{f.accepted}, is_so);
        }
    }
    text += "\nerrors.rate: errors in all that was attempted, which is errors, registrations,\n"
            "deletions, logins, messages of all kinds, viewers' connections, history reads.\n"
            "process.cpu, server.cpu: percent of one core from ramp to drain.\n";
    return text;
}

} // namespace vsim::report
