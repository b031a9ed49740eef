#include "app/options.hpp"

#include <chrono>
#include <iterator>
#include <utility>

namespace vsim::app {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t most_agents = 1'000'000;
constexpr std::uint32_t most_threads = 1024;
constexpr double most_connects = 1e6;

constexpr auto on_fleet = "Fleet";
constexpr auto on_server = "Server";
constexpr auto on_load = "Load";
constexpr auto on_run = "Run";
constexpr auto on_output = "Output";
constexpr auto on_general = "General";

void append(option_list& list, option_list more) {
    list.insert(
        list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())
    );
}

option_list access_options(access_config& c) {
    return {
        {.name = "server",
         .env = "VSTATS_SERVER_URL",
         .metavar = "URL",
         .group = on_server,
         .help = "https uses TLS",
         .to = url_into(c.server)},
        {.name = "token",
         .env = "VSTATS_TOKEN",
         .metavar = "T",
         .group = on_server,
         .help = "admin token; - reads stdin; asked if absent",
         .is_secret = true,
         .to = secret_into(c.token)},
        {.name = "token-file",
         .metavar = "FILE",
         .group = on_server,
         .help = "admin token from a file",
         .to = text_into(c.token_file)},
        {.name = "password",
         .env = "VSTATS_PASSWORD",
         .group = on_server,
         .is_secret = true,
         .in_args = false,
         .in_file = false,
         .to = secret_into(c.password)},
        {.name = "password-file",
         .metavar = "FILE",
         .group = on_server,
         .help = "log in with this password (or $VSTATS_PASSWORD)",
         .to = text_into(c.password_file)},
        {.name = "insecure",
         .group = on_server,
         .help = "do not verify the server's certificate",
         .kind = arity::flag,
         .to = flag_into(c.insecure)},
        {.name = "cacert",
         .metavar = "FILE",
         .group = on_server,
         .help = "certificate authority to trust",
         .to = text_into(c.ca_file)},
    };
}

option count_option(std::uint32_t& count) {
    return {
        .name = "count",
        .env = "VSTATS_SERVER_COUNT",
        .metavar = "N",
        .group = on_fleet,
        .help = "agents; accepts 5k",
        .to = count_into(count, 1, most_agents)
    };
}

option seed_option(std::uint64_t& seed) {
    return {
        .name = "seed",
        .metavar = "N",
        .group = on_fleet,
        .help = "decides the fleet and every value it sends",
        .to = seed_into(seed)
    };
}

option prefix_option(std::string& prefix) {
    return {
        .name = "prefix",
        .metavar = "P",
        .group = on_fleet,
        .help = "server names: P000, P001, ...",
        .to = prefix_into(prefix)
    };
}

option keep_option(bool& keep) {
    return {
        .name = "keep",
        .group = on_fleet,
        .help = "leave earlier servers with this prefix",
        .kind = arity::flag,
        .to = flag_into(keep)
    };
}

option fleet_option(std::string& file, std::string help) {
    return {
        .name = "fleet",
        .metavar = "FILE",
        .group = on_fleet,
        .help = std::move(help),
        .to = text_into(file)
    };
}

option yes_option(bool& yes, std::string help) {
    return {
        .name = "yes",
        .group = on_run,
        .help = std::move(help),
        .kind = arity::flag,
        .in_file = false,
        .to = flag_into(yes)
    };
}

option_list general_options(console_config& c, switches& s) {
    return {
        {.name = "quiet",
         .letter = 'q',
         .group = on_output,
         .help = "results and errors only",
         .kind = arity::flag,
         .to = flag_into(c.quiet)},
        {.name = "verbose",
         .letter = 'v',
         .group = on_output,
         .help = "say more; twice: say everything",
         .kind = arity::counter,
         .in_file = false,
         .to = counter_into(c.verbosity)},
        {.name = "no-color",
         .group = on_output,
         .help = "no colours (also: NO_COLOR)",
         .kind = arity::flag,
         .to = flag_into(c.no_color)},
        {.name = "log-format",
         .metavar = "F",
         .group = on_output,
         .help = "text, json",
         .to = choice_into(c.format, {{"text", log_format::text}, {"json", log_format::json}})},
        {.name = "config",
         .metavar = "FILE",
         .group = on_general,
         .help = "TOML; its keys are these names",
         .in_file = false,
         .to = text_into(s.config_file)},
        {.name = "print-config",
         .group = on_general,
         .help = "show the effective values and stop",
         .kind = arity::flag,
         .in_file = false,
         .to = flag_into(s.print_config)},
        {.name = "help",
         .letter = 'h',
         .group = on_general,
         .help = "this text",
         .kind = arity::flag,
         .in_file = false,
         .to = flag_into(s.help)},
        {.name = "version",
         .group = on_general,
         .help = "name, version, build",
         .kind = arity::flag,
         .in_file = false,
         .to = flag_into(s.version)},
    };
}

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
    append(
        list,
        {
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
            {.name = "out",
             .metavar = "KIND=PATH",
             .group = on_output,
             .help = "json=FILE, json=- (stdout); repeatable",
             .kind = arity::list,
             .to = output_into(c.outputs)},
        }
    );
    append(list, general_options(c.console, s));
    return list;
}

option_list options_of(serve_config& c, switches& s) {
    option_list list{
        {.name = "listen",
         .metavar = "ADDR:PORT",
         .group = on_server,
         .help = "where to listen; port 0 picks one",
         .to = endpoint_into(c.host, c.port)},
        {.name = "db",
         .metavar = "FILE",
         .group = on_server,
         .help = "database (default: gone at exit)",
         .to = text_into(c.db)},
        {.name = "token",
         .metavar = "T",
         .group = on_server,
         .help = "admin token to accept",
         .is_secret = true,
         .to = secret_into(c.token)},
        {.name = "password-file",
         .metavar = "FILE",
         .group = on_server,
         .help = "admin password (default: made up, printed)",
         .to = text_into(c.password_file)},
    };
    append(list, general_options(c.console, s));
    return list;
}

option_list options_of(register_config& c, switches& s) {
    auto list = access_options(c.access);
    append(
        list,
        {count_option(c.count),
         seed_option(c.seed),
         prefix_option(c.prefix),
         keep_option(c.keep),
         fleet_option(c.fleet_file, "where ids and tokens go (mode 0600)")}
    );
    append(list, general_options(c.console, s));
    return list;
}

option_list options_of(cleanup_config& c, switches& s) {
    auto list = access_options(c.access);
    append(list, {prefix_option(c.prefix), yes_option(c.yes, "do not ask")});
    append(list, general_options(c.console, s));
    return list;
}

const std::vector<contradiction>& contradictions() {
    static const std::vector<contradiction> pairs{
        {"embedded", "server"},
        {"embedded", "token"},
        {"embedded", "token-file"},
        {"embedded", "password"},
        {"embedded", "password-file"},
        {"embedded", "insecure"},
        {"embedded", "cacert"},
        {"embedded", "cleanup"},
        {"embedded-db", "server"},
        {"embedded-db", "token"},
        {"embedded-db", "token-file"},
        {"embedded-db", "password"},
        {"embedded-db", "password-file"},
        {"embedded-db", "insecure"},
        {"embedded-db", "cacert"},
        {"embedded-db", "cleanup"},
        {"token", "token-file"},
        {"token", "password"},
        {"token", "password-file"},
        {"token-file", "password"},
        {"token-file", "password-file"},
        {"password", "password-file"},
        {"insecure", "cacert"},
        {"quiet", "verbose"},
        {"cleanup", "dry-run"},
        {"fleet", "cleanup-after"},
        {"fleet", "keep"},
        {"fleet", "prefix"},
    };
    return pairs;
}

} // namespace vsim::app
