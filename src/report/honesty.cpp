#include "report/honesty.hpp"

#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>

namespace vsim::report {
namespace {

using strings = std::vector<std::string>;

double mean(const std::vector<double>& shares) {
    return shares.empty() ? 0
                          : std::accumulate(shares.begin(), shares.end(), 0.0) /
                                static_cast<double>(shares.size());
}

std::string ms(util::nanoseconds d) {
    return ms_text(d) + " ms";
}

// What may have kept the generator from its work.
strings causes(const generator_figures& f) {
    strings list;
    const double busy = mean(f.threads_busy);
    // Of the one that fared worst: those that the load does not need stand aside and wait for none.
    const auto& waits = f.threads_waiting;
    const double waiting = waits.empty() ? 0 : *std::max_element(waits.begin(), waits.end());
    if (busy >= near_busy) {
        list.push_back(fmt::format("its threads were busy {:.0f} % of the time", 100 * busy));
    }
    if (waiting >= much_wait) {
        list.push_back(fmt::format(
            "a thread of it was ready but without a core {:.0f} % of the time", 100 * waiting
        ));
    }
    if (f.steal_pct.value_or(0) >= much_steal) {
        list.push_back(fmt::format(
            "{:.0f} % of the machine's CPU time went to other machines (steal)", *f.steal_pct
        ));
    }
    if (f.machine_pct.value_or(0) >= much_in_use) {
        list.push_back(fmt::format("{:.0f} % of the machine's cores were in use", *f.machine_pct));
    }
    return list;
}

strings reasons(const generator_figures& f) {
    strings list;
    const auto lag = f.own_lag_p99.value_or(util::nanoseconds{0});
    const bool is_saturated = mean(f.threads_busy) + mean(f.threads_waiting) >= saturated_share;
    if (lag > f.max_lag) {
        list.push_back(fmt::format(
            "the generator was late: the p99 of its own lag was {}, more than the {} that a valid "
            "run may have (--max-lag)",
            ms(lag),
            ms(f.max_lag)
        ));
    } else if (is_saturated && lag > f.max_lag / saturated_part) {
        list.push_back(fmt::format(
            "the generator was saturated, and the p99 of its own lag {}, more than a quarter of "
            "--max-lag",
            ms(lag)
        ));
    } else {
        return list;
    }
    for (auto& cause : causes(f)) {
        list.push_back(std::move(cause));
    }
    if (f.has_embedded_server) {
        list.emplace_back("the embedded server shares the cores with it: `vstats-sim serve` on "
                          "another machine does not");
    }
    return list;
}

strings warnings(const generator_figures& f) {
    if (!f.has_schedule) {
        return {"without a schedule (--interval 0) nobody knows how late a sample was"};
    }
    strings list;
    const auto lag = f.own_lag_p99.value_or(util::nanoseconds{0});
    if (std::chrono::duration<double>{lag} > near_lag * f.max_lag) {
        list.push_back(fmt::format(
            "the p99 of the generator's own lag was {}, near the {} of --max-lag",
            ms(lag),
            ms(f.max_lag)
        ));
        for (auto& cause : causes(f)) {
            list.push_back(std::move(cause));
        }
    }
    if (f.send_lag_p99.value_or(util::nanoseconds{0}) > f.max_lag && lag <= f.max_lag) {
        list.push_back(fmt::format(
            "the p99 of the send lag was {}, but not because of the generator: the server's side "
            "took the data no faster",
            ms(*f.send_lag_p99)
        ));
    }
    if (f.late > 0) {
        list.push_back(fmt::format(
            "{} samples were skipped because the generator came an interval late", grouped(f.late)
        ));
    }
    return list;
}

} // namespace

honesty judge(const generator_figures& f) {
    honesty h;
    h.is_judged = true;
    h.reasons = f.has_schedule ? reasons(f) : strings{};
    h.is_valid = h.reasons.empty();
    h.warnings = h.is_valid ? warnings(f) : strings{};
    h.max_lag = f.max_lag;
    h.own_lag_p99 = f.own_lag_p99;
    h.late = f.late;
    h.cpu_pct = f.cpu_pct;
    h.threads_busy = f.threads_busy;
    h.threads_waiting = f.threads_waiting;
    h.steal_pct = f.steal_pct;
    h.machine_pct = f.machine_pct;
    return h;
}

} // namespace vsim::report
