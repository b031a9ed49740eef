#include "app/option_judgement.hpp"

#include "app/option_groups.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace vsim::app {
namespace {

using namespace std::chrono_literals;

// Of run's options: those that a search decides itself, or that make no sense for several runs.
constexpr std::array<std::string_view, 9> not_in_a_search{
    "count",
    "mode",
    "hours",
    "duration",
    "clock",
    "embedded-db",
    "ledger",
    "cleanup",
    "yes",
};

binding nanoseconds_into(util::nanoseconds& target, util::nanoseconds low, util::nanoseconds high) {
    return {
        .assign = [&target, low, high](std::string_view text) -> util::result<void> {
            const auto d = util::parse_duration(text);
            if (!d) {
                return d.error();
            }
            if (*d < low || *d > high) {
                return util::make_error(
                    util::errc::bad_input,
                    fmt::format(
                        "'{}' is out of range (accepted: {} to {})",
                        text,
                        util::format_duration(low),
                        util::format_duration(high)
                    )
                );
            }
            target = *d;
            return {};
        },
        .show = [&target] { return quoted(util::format_duration(target)); },
    };
}

binding resolution_into(double& target) {
    return {
        .assign = [&target](std::string_view text) -> util::result<void> {
            const auto share = share_above_zero(text);
            if (!share) {
                return share.error();
            }
            target = *share;
            return {};
        },
        .show = [&target] { return quoted(util::format_share(target)); },
    };
}

} // namespace

option_list threshold_options(std::vector<report::threshold>& thresholds, switches& s) {
    return {
        {.name = "threshold",
         .metavar = "EXPR",
         .group = on_run,
         .help = "send_lag.p99<50ms, errors.rate<0.1%; repeatable",
         .kind = arity::list,
         .to = list_into(thresholds, report::parse_threshold, report::text_of)},
        {.name = "help-thresholds",
         .group = on_general,
         .help = "what thresholds can be about",
         .kind = arity::flag,
         .in_file = false,
         .to = flag_into(s.help_thresholds)},
    };
}

option_list options_of(capacity_config& c, switches& s) {
    option_list list{
        {.name = "from",
         .metavar = "N",
         .group = on_search,
         .help = "agents of the first step",
         .to = count_into(c.from, 1, most_agents)},
        {.name = "to",
         .metavar = "N",
         .group = on_search,
         .help = "agents at most",
         .to = count_into(c.to, 1, most_agents)},
        {.name = "step-duration",
         .metavar = "D",
         .group = on_search,
         .help = "of each step, after its ramp",
         .to = nanoseconds_into(c.step_duration, 1s, 24h)},
        {.name = "resolution",
         .metavar = "P",
         .group = on_search,
         .help = "how exact the answer is",
         .to = resolution_into(c.resolution)},
        {.name = "settle",
         .metavar = "D",
         .group = on_search,
         .help = "rest of the server between two steps",
         .to = nanoseconds_into(c.settle, 0s, 1h)},
        {.name = "state",
         .metavar = "FILE",
         .group = on_search,
         .help = "keep the steps, go on after them if there are any",
         .to = text_into(c.state_file)},
    };
    auto of_a_run = options_of(c.run, s);
    std::erase_if(of_a_run, [](const option& o) {
        return std::ranges::find(not_in_a_search, o.name) != not_in_a_search.end();
    });
    append(list, std::move(of_a_run));
    return list;
}

} // namespace vsim::app
