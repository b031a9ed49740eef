#include "app/fleet_mix.hpp"
#include "app/option_groups.hpp"
#include "app/option_hardship.hpp"
#include "app/option_judgement.hpp"
#include "app/option_output.hpp"
#include "app/options.hpp"
#include "app/options_measure.hpp"
#include "app/run_watch.hpp"

#include <chrono>

namespace vsim::app {
namespace {

using namespace std::chrono_literals;

constexpr double most_connects = 1e6;
constexpr std::uint32_t most_viewers = 1000;
constexpr std::uint32_t most_readers = 10'000;

option_list load_options(run_config& c) {
    return {
        {.name = "mode",
         .env = "VSTATS_MODE",
         .metavar = "M",
         .group = on_load,
         .help = "history, realtime, both",
         .to = choice_into(
             c.mode,
             {{name(run_mode::history), run_mode::history},
              {name(run_mode::realtime), run_mode::realtime},
              {name(run_mode::both), run_mode::both}}
         )},
        {.name = "hours",
         .env = "VSTATS_HISTORY_HOURS",
         .metavar = "H",
         .group = on_load,
         .help = "hours of history; fractions allowed",
         .to = hours_into(c.hours)},
        {.name = "interval",
         .env = "VSTATS_INTERVAL",
         .metavar = "D",
         .group = on_load,
         .help = "sample period; 0 = as fast as the socket takes",
         .to = millis_into(c.interval, 10ms, 1h, zero::accepted)},
        {.name = "agg-interval",
         .env = "VSTATS_AGG_INTERVAL",
         .metavar = "D",
         .group = on_load,
         .help = "aggregate sync period",
         .to = millis_into(c.agg_interval, 1s, 24h)},
        {.name = "duration",
         .metavar = "D",
         .group = on_load,
         .help = "realtime after the ramp; else until Ctrl-C",
         .to = duration_into(c.duration)},
        {.name = "connect-rate",
         .metavar = "R",
         .group = on_load,
         .help = "new connections; 0 = as fast as it goes",
         .to = rate_into(c.connect_rate, most_connects)},
        {.name = "source-ip",
         .metavar = "LIST",
         .group = on_load,
         .help = "connect from these: 127.0.0.2-127.0.0.9",
         .to = addresses_into(c.source_ip)},
        {.name = "tick",
         .metavar = "D",
         .group = on_load,
         .help = "due times are rounded up to it",
         .to = millis_into(c.tick, 1ms, 1s)},
        {.name = "threads",
         .metavar = "N",
         .group = on_load,
         .help = "threads of the pool (default: the cores)",
         .to = count_into(c.threads, 1, most_threads)},
        {.name = "io-contexts",
         .metavar = "N",
         .group = on_load,
         .help = "contexts those threads share",
         .to = count_into(c.io_contexts, 1, most_threads)},
    };
}

// Who looks at it meanwhile.
option_list audience_options(run_config& c) {
    return {
        {.name = "viewers",
         .metavar = "N",
         .group = on_load,
         .help = "dashboards on /ws; they measure freshness",
         .to = count_into(c.viewers, 0, most_viewers)},
        {.name = "readers",
         .metavar = "N",
         .group = on_load,
         .help = "clients that read histories as a page does",
         .to = count_into(c.readers, 0, most_readers)},
    };
}

// Who they are, and what befalls them.
option_list agent_options(run_config& c) {
    return {
        {.name = "fleet-mix",
         .metavar = "SPEC",
         .group = on_agents,
         .help = "a part of the fleet, see below; repeatable",
         .kind = arity::list,
         .to = mix_into(c.fleet_mix)},
        {.name = "churn",
         .metavar = "R",
         .group = on_agents,
         .help = "drops a minute: 30 agents, 5% of the fleet",
         .to = churn_into(c.churn)},
        {.name = "outage",
         .metavar = "AT:LEN[:SHARE][:HOW]",
         .group = on_agents,
         .help = "close, half-open or silent; repeatable",
         .kind = arity::list,
         .to = outages_into(c.outages)},
        {.name = "incident",
         .metavar = "AT:LEN:KIND[:SHARE]",
         .group = on_agents,
         .help = "cpu, memory, disk, ping, silent; repeatable",
         .kind = arity::list,
         .to = incidents_into(c.incidents)},
        {.name = "reconnect",
         .metavar = "HOW",
         .group = on_agents,
         .help = "spread, or storm: all at once",
         .to = choice_into(
             c.reconnect, {{"spread", agent::reconnect::spread}, {"storm", agent::reconnect::storm}}
         )},
        {.name = "agg-sync",
         .metavar = "HOW",
         .group = on_agents,
         .help = "window, or full: all that is retained",
         .to = choice_into(
             c.agg_sync, {{"window", agent::sync_scope::window}, {"full", agent::sync_scope::full}}
         )},
        {.name = "backlog",
         .metavar = "HOW",
         .group = on_agents,
         .help = "aggregates, or batch: samples, too",
         .to = choice_into(
             c.backlog,
             {{"aggregates", agent::backlog::aggregates}, {"batch", agent::backlog::batch}}
         )},
        {.name = "clock",
         .metavar = "T",
         .group = on_agents,
         .help = "agents' time at the start, RFC 3339; else now",
         .to = clock_into(c.clock)},
    };
}

} // namespace

option_list options_of(run_config& c, switches& s) {
    auto list = access_options(c.access);
    append(
        list,
        {
            {.name = "embedded",
             .group = on_server,
             .help = "run the reference server in this process",
             .kind = arity::flag,
             .to = flag_into(c.embedded)},
            {.name = "embedded-db",
             .metavar = "FILE",
             .group = on_server,
             .help = "the same, and keep its database",
             .to = text_into(c.embedded_db)},
            count_option(c.count),
            seed_option(c.seed),
            prefix_option(c.prefix),
            keep_option(c.keep),
            fleet_option(c.fleet_file, "reuse what register wrote"),
            {.name = "cleanup-after",
             .group = on_fleet,
             .help = "delete this run's servers at the end",
             .kind = arity::flag,
             .to = flag_into(c.cleanup_after)},
        }
    );
    append(list, load_options(c));
    append(list, audience_options(c));
    append(list, agent_options(c));
    append(list, measure_options(c));
    append(list, threshold_options(c.thresholds, s));
    append(
        list,
        {
            {.name = "verify",
             .group = on_run,
             .help = "compare what is stored; --verify=N: N agents",
             .kind = arity::flag,
             .to = verify_into(c.verify)},
            {.name = "ledger",
             .metavar = "FILE",
             .group = on_run,
             .help = "write what was sent, to verify later",
             .to = text_into(c.ledger_file)},
            {.name = "cleanup",
             .group = on_run,
             .help = "only delete, as the cleanup command",
             .kind = arity::flag,
             .in_file = false,
             .to = flag_into(s.cleanup)},
            yes_option(s.yes, "with --cleanup: do not ask"),
            {.name = "dry-run",
             .group = on_run,
             .help = "print the plan, connect nothing",
             .kind = arity::flag,
             .in_file = false,
             .to = flag_into(c.dry_run)},
            {.name = "watch-pid",
             .metavar = "PID",
             .group = on_output,
             .help = "the server's process: its CPU, memory, I/O",
             .to = pid_into(c.watch_pid)},
            {.name = "out",
             .metavar = "KIND=PATH",
             .group = on_output,
             .help = "json, csv, ndjson, hdr, html; repeatable",
             .kind = arity::list,
             .to = output_into(c.outputs)},
            {.name = "prometheus",
             .metavar = "ADDR",
             .group = on_output,
             .help = "/metrics while running: 127.0.0.1:9100",
             .to = endpoint_into(c.prometheus)},
        }
    );
    append(list, general_options(c.console, s));
    return list;
}

} // namespace vsim::app
