#include "app/options.hpp"

#include "app/option_groups.hpp"

#include <fmt/format.h>

namespace vsim::app {
namespace {

binding faults_into(server::fault_plan& target) {
    return {
        .assign = [&target](std::string_view text) { return server::add_fault(target, text); },
        .show =
            [&target] {
                std::vector<std::string> items;
                for (const auto& spec : target.specs) {
                    items.push_back(quoted(spec));
                }
                return items.empty() ? std::string{} : fmt::format("[{}]", fmt::join(items, ", "));
            },
    };
}

} // namespace

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
        {.name = "cert",
         .metavar = "FILE",
         .group = on_server,
         .help = "certificate chain (PEM): https and wss; with --key",
         .to = text_into(c.cert_file)},
        {.name = "key",
         .metavar = "FILE",
         .group = on_server,
         .help = "its private key (PEM)",
         .to = text_into(c.key_file)},
        {.name = "web",
         .metavar = "DIR",
         .group = on_server,
         .help = "a vStats web build to serve",
         .to = text_into(c.web)},
        {.name = "quirks",
         .group = on_server,
         .help = "history with vStats's row limit and 10 s cache",
         .kind = arity::flag,
         .to = flag_into(c.quirks)},
        {.name = "strict",
         .group = on_server,
         .help = "report what vStats would hide; exit 1 if any",
         .kind = arity::flag,
         .to = flag_into(c.strict)},
        {.name = "fault",
         .metavar = "SPEC",
         .group = on_server,
         .help = "misbehave: stall:5s@20s, kill@30s ... (README)",
         .kind = arity::list,
         .to = faults_into(c.faults)},
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
        {"embedded", "watch-pid"}, // the server is in this process
        {"embedded-db", "server"},
        {"embedded-db", "token"},
        {"embedded-db", "token-file"},
        {"embedded-db", "password"},
        {"embedded-db", "password-file"},
        {"embedded-db", "insecure"},
        {"embedded-db", "cacert"},
        {"embedded-db", "cleanup"},
        {"embedded-db", "watch-pid"},
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
        {"db", "server"},
    };
    return pairs;
}

} // namespace vsim::app
