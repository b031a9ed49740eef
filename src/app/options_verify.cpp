#include "app/cmd_verify.hpp"
#include "app/option_groups.hpp"
#include "app/option_output.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace vsim::app {

option_list options_of(verify_config& c, switches& s) {
    option_list list{
        {.name = "ledger",
         .metavar = "FILE",
         .group = on_run,
         .help = "what run --ledger wrote; the name alone will do",
         .in_file = false,
         .to = text_into(c.ledger)},
        {.name = "db",
         .metavar = "FILE",
         .group = on_server,
         .help = "read the server's SQLite file instead",
         .to = text_into(c.db)},
    };
    for (auto& o : access_options(c.access)) {
        if (o.name == "server") {
            o.help = "read over REST (default: the run's server)";
            o.to.show = [&c] { return c.has_server ? quoted(c.access.server.text()) : ""; };
        }
        if (o.name == "server" || o.name == "insecure" || o.name == "cacert") {
            list.push_back(std::move(o));
        }
    }
    append(
        list,
        {
            {.name = "agents",
             .metavar = "N",
             .group = on_run,
             .help = "compare only that many; 0 = all",
             .to = count_into(c.agents, 0, most_agents)},
            {.name = "threads",
             .metavar = "N",
             .group = on_run,
             .help = "threads that read (default: the cores)",
             .to = count_into(c.threads, 1, most_threads)},
            {.name = "out",
             .metavar = "KIND=PATH",
             .group = on_output,
             .help = "json, html; - is stdout; repeatable",
             .kind = arity::list,
             .to = output_into(c.outputs)},
        }
    );
    append(list, general_options(c.console, s));
    return list;
}

binding verify_into(std::optional<std::uint32_t>& target) {
    return {
        .assign = [&target](std::string_view text) -> util::result<void> {
            if (text == "true" || text == "false") {
                target = text == "true" ? std::optional{0U} : std::nullopt;
                return {};
            }
            const auto n = util::parse_count(text);
            if (!n || *n == 0 || *n > std::numeric_limits<std::uint32_t>::max()) {
                return util::make_error(
                    util::errc::bad_input,
                    fmt::format(
                        "'{}' is no number of agents (accepted: true for all of them, 1 or more)",
                        text
                    )
                );
            }
            target = static_cast<std::uint32_t>(*n);
            return {};
        },
        .show =
            [&target] {
                return !target        ? std::string{"false"}
                       : *target == 0 ? std::string{"true"}
                                      : fmt::to_string(*target);
            },
    };
}

std::vector<std::string>
with_ledger_named(std::vector<std::string> args, const option_list& options) {
    const auto takes_next = [&](const std::string& arg) {
        const auto found =
            std::ranges::find_if(options, [&](const option& o) { return arg == "--" + o.name; });
        return found != options.end() &&
               (found->kind == arity::value || found->kind == arity::list);
    };
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (takes_next(args[i])) {
            ++i;
        } else if (!args[i].starts_with('-')) {
            args[i].insert(0, "--ledger=");
            break;
        }
    }
    return args;
}

} // namespace vsim::app
