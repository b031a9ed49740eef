#include "app/option_groups.hpp"

#include <iterator>
#include <utility>

namespace vsim::app {

namespace {} // namespace

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

} // namespace vsim::app
