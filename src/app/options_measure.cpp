#include "app/options_measure.hpp"

#include <chrono>

namespace vsim::app {

using namespace std::chrono_literals;

option_list measure_options(run_config& c) {
    return {
        {.name = "fence",
         .metavar = "on|off",
         .group = on_measuring,
         .help = "a ping behind each sample times the server",
         .to = choice_into(c.has_fences, {{"on", true}, {"off", false}})},
        {.name = "max-lag",
         .env = "VSTATS_MAX_LAG",
         .metavar = "D",
         .group = on_measuring,
         .help = "own lag p99 above it: exit 98",
         .to = millis_into(c.max_lag, 1ms, 24h)},
    };
}

} // namespace vsim::app
