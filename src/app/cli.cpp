#include "app/cli.hpp"

#include "app/fleet_mix.hpp"
#include "app/option_groups.hpp"
#include "app/option_hardship.hpp"
#include "app/options.hpp"
#include "app/settings.hpp"
#include "app/version.hpp"
#include "app/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

namespace vsim::app {
namespace {

using util::result;

constexpr std::array<std::string_view, 7> commands{
    "run", "capacity", "serve", "register", "cleanup", "verify", "version"
};

constexpr std::string_view summary_of(std::string_view command) {
    if (command == "serve") {
        return "The reference server: a vStats-compatible server on SQLite.";
    }
    if (command == "capacity") {
        return "Searches for the largest fleet that meets the thresholds: steps that double from\n"
               "--from until a threshold is crossed or --to is reached, then halves the gap.\n"
               "Each step is a realtime run. Without --threshold: fence.p99<100ms,\n"
               "freshness.p95<8s, errors.rate<0.1%, verify.missing==0.\n"
               "\n"
               "Exit code 0: there is an answer. 99: --from is too many already. 98: the\n"
               "generator was the limit, not the server. 1: a step could not be run.";
    }
    if (command == "register") {
        return "Creates the fleet on the server, writes the fleet file, stops.";
    }
    if (command == "cleanup") {
        return "Deletes the servers whose name begins with the prefix, nothing else.";
    }
    if (command == "verify") {
        return "Compares what a server holds with what a run sent: verify [OPTIONS] LEDGER.";
    }
    return "Simulates a fleet of vStats agents.\n"
           "\n"
           "Commands: run (the default), capacity, verify, serve, register, cleanup, version\n"
           "(vstats-sim COMMAND --help says more).";
}

util::error bad(std::string message) {
    return util::make_error(util::errc::bad_input, std::move(message));
}

util::error no_meaning_in_history(std::string_view flag) {
    return bad(
        fmt::format("{}: has no meaning with --mode history (accepted: realtime, both)", flag)
    );
}

// What befalls agents needs a run, and one that is long enough.
result<void> check_events(const run_config& c) {
    const auto check = [&c](std::string_view flag, const auto& events) -> result<void> {
        if (!events.empty() && c.mode == run_mode::history) {
            return no_meaning_in_history(flag);
        }
        for (const auto& e : events) {
            if (c.duration && e.at + e.length > *c.duration) {
                return bad(fmt::format(
                    "{}: '{}' ends after the run: --duration {} (accepted: AT + LEN up to that)",
                    flag,
                    text_of(e),
                    util::format_duration(*c.duration)
                ));
            }
        }
        return {};
    };
    if (const auto fits = check("--outage", c.outages); !fits) {
        return fits;
    }
    if (const auto fits = check("--incident", c.incidents); !fits) {
        return fits;
    }
    if (c.churn.is_any() && c.mode == run_mode::history) {
        return no_meaning_in_history("--churn");
    }
    if (c.viewers + c.readers > 0 && c.mode == run_mode::history) {
        return no_meaning_in_history(c.viewers > 0 ? "--viewers" : "--readers");
    }
    if (c.fleet_file.empty() && c.churn.agents > c.count) {
        return bad(fmt::format(
            "--churn: {} is more than --count {} (accepted: each agent once a minute at most)",
            c.churn.agents,
            c.count
        ));
    }
    return {};
}

// Agents that send as fast as the socket takes have no time for aggregates.
result<void> check_saturation(const run_config& c) {
    if (c.interval.count() > 0) {
        return {};
    }
    const auto refuse = [](std::string_view flag, std::string_view value) {
        return bad(fmt::format(
            "{}: '{}' has no meaning with --interval 0, which does nothing but send samples "
            "(accepted: with 10ms to 1h)",
            flag,
            value
        ));
    };
    if (c.mode != run_mode::realtime) {
        return bad(fmt::format(
            "--interval: 0, as fast as the socket takes, has no meaning with --mode {} (accepted: "
            "realtime; for a history 10ms to 1h)",
            name(c.mode)
        ));
    }
    if (c.viewers > 0) { // samples without a schedule have no age
        return refuse("--viewers", std::to_string(c.viewers));
    }
    if (c.agg_sync == agent::sync_scope::full) {
        return refuse("--agg-sync", "full");
    }
    if (c.backlog == agent::backlog::batch) {
        return refuse("--backlog", "batch");
    }
    for (const auto& g : c.fleet_mix.groups) {
        const bool is_about_aggregates = g.shuffles || g.repeats;
        if (!g.interval && (is_about_aggregates || g.logs_in_twice || !g.reads)) {
            return refuse("--fleet-mix", text_of(g));
        }
    }
    if (c.verify || !c.ledger_file.empty()) {
        return refuse(c.verify ? "--verify" : "--ledger", c.verify ? "true" : c.ledger_file);
    }
    if (!c.outages.empty()) {
        return refuse("--outage", text_of(c.outages.front()));
    }
    if (!c.incidents.empty()) {
        return refuse("--incident", text_of(c.incidents.front()));
    }
    if (c.churn.is_any()) {
        return bad("--churn: has no meaning with --interval 0, which never looks up from sending "
                   "(accepted: with 10ms to 1h)");
    }
    return {};
}

// What only several values together can get wrong.
result<invocation> checked(run_config c, const switches& s) {
    if (s.cleanup) {
        return cleanup_config{c.access, c.prefix, s.yes, c.console};
    }
    if (s.yes) {
        return bad("--yes: only with --cleanup");
    }
    if (c.io_contexts > c.threads) {
        return bad(fmt::format(
            "--io-contexts: {} is more than --threads {} (accepted: 1 to the number of threads)",
            c.io_contexts,
            c.threads
        ));
    }
    if (const auto fits = check_saturation(c); !fits) {
        return fits.error();
    }
    if (c.duration && c.mode == run_mode::history) {
        return no_meaning_in_history("--duration");
    }
    if (const auto fits = check_events(c); !fits) {
        return fits.error();
    }
    if (!c.embedded_db.empty()) {
        c.embedded = true;
    }
    if (c.ledger_file == "-") {
        return bad("--ledger: '-' is not accepted, the summary is there (accepted: a file)");
    }
    for (auto i = c.outputs.begin(); i != c.outputs.end(); ++i) {
        const auto same = [&](const output_config& o) { return o.path == i->path; };
        if (std::find_if(c.outputs.begin(), i, same) != i) {
            return bad(fmt::format("--out: '{}' is given twice", i->path));
        }
    }
    return invocation{std::move(c)};
}

result<invocation> checked(capacity_config c, const switches& s) {
    if (c.from > c.to) {
        return bad(
            fmt::format("--from: {} is more than --to {} (accepted: 1 to that)", c.from, c.to)
        );
    }
    if (c.run.interval.count() == 0) {
        return bad("--interval: 0, as fast as the socket takes, is no load that agents could be "
                   "added to (accepted: 10ms to 1h)");
    }
    c.run.mode = run_mode::realtime;
    c.run.count = c.to;
    c.run.duration = c.step_duration;
    auto run = checked(std::move(c.run), s);
    if (!run) {
        return run.error();
    }
    c.run = std::get<run_config>(*std::move(run));
    return invocation{std::move(c)};
}

result<invocation> checked(serve_config c, const switches&) {
    if (c.cert_file.empty() != c.key_file.empty()) {
        const bool has_cert = c.key_file.empty();
        return bad(fmt::format(
            "{} '{}': {} is missing (accepted: both, or neither for plain http)",
            has_cert ? "--cert" : "--key",
            has_cert ? c.cert_file : c.key_file,
            has_cert ? "--key" : "--cert"
        ));
    }
    if (c.faults.kill && c.db.empty()) {
        const auto spec = std::ranges::find_if(c.faults.specs, [](const auto& one) {
            return one.starts_with("kill@");
        });
        return bad(fmt::format(
            "--fault '{}': --db is missing (accepted: with --db FILE; nobody would be left to "
            "remove "
            "a temporary database)",
            *spec
        ));
    }
    return invocation{std::move(c)};
}

result<invocation> checked(register_config c, const switches&) {
    if (c.fleet_file.empty()) {
        return bad("--fleet: register needs a file to write ids and tokens to");
    }
    return invocation{std::move(c)};
}

result<invocation> checked(cleanup_config c, const switches&) {
    return invocation{std::move(c)};
}

result<invocation> checked(verify_config c, const switches&) {
    if (c.ledger.empty()) {
        return bad("verify: needs the ledger that run --ledger wrote: verify LEDGER");
    }
    return invocation{std::move(c)};
}

// Of every command, for "belongs to another command" and for keys a shared file may hold.
option_list all_options() {
    static run_config run;
    static serve_config serve;
    static capacity_config capacity;
    static switches s;
    auto all = options_of(run, s);
    append(all, options_of(capacity, s));
    append(all, options_of(serve, s));
    return all;
}

template <class Config>
result<command_line> parse_as(
    std::string_view command,
    const std::vector<std::string>& args,
    const environment& env,
    Config config = {}
) {
    switches s;
    const auto options = options_of(config, s);
    auto help = help_text(command, summary_of(command), options);
    if (command == "run" || command == "capacity") {
        help += fleet_mix_help();
    }
    const auto text = command_line_text(args, options);
    auto settings = read_settings(command, args, env, options, all_options());
    if (!settings) {
        return settings.error();
    }
    if (settings->is_on("help")) {
        return command_line{show_text{help}, text};
    }
    if (settings->is_on("help-thresholds")) {
        return command_line{show_text{report::threshold_help()}, text};
    }
    if (settings->is_on("version")) {
        return command_line{show_text{version_text()}, text};
    }
    if (const auto applied = settings->apply(); !applied) {
        return applied.error();
    }
    if constexpr (requires { config.count_given; }) {
        config.count_given = settings->is_given("count");
    }
    if constexpr (requires { config.arguments; }) {
        config.arguments = settings->as_toml();
        config.run.count_given = settings->is_given("to");
    }
    if constexpr (requires { config.has_server; }) {
        config.has_server = settings->is_given("server");
    }
    auto result = checked(config, s);
    if (!result) {
        return result.error();
    }
    if (s.print_config) {
        return command_line{show_text{settings->as_toml()}, text};
    }
    return command_line{*std::move(result), text};
}

} // namespace

environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string{name}.c_str());
        if (value == nullptr || *value == '\0') {
            return std::nullopt;
        }
        return value;
    };
}

result<command_line>
parse_command_line(const std::vector<std::string>& args, const environment& env) {
    std::string_view command = "run";
    auto rest = args;
    if (!args.empty() && !args[0].starts_with('-')) {
        const auto found = std::ranges::find(commands, args[0]);
        if (found == commands.end()) {
            const auto near = nearest(args[0], {commands.begin(), commands.end()});
            return bad(fmt::format(
                "unknown command '{}'{} (commands: {})",
                args[0],
                near.empty() ? "" : fmt::format(", did you mean {}?", near),
                fmt::join(commands, ", ")
            ));
        }
        command = *found;
        rest.erase(rest.begin());
    }
    if (command == "serve") {
        return parse_as<serve_config>(command, rest, env);
    }
    if (command == "register") {
        return parse_as<register_config>(command, rest, env);
    }
    if (command == "cleanup") {
        return parse_as<cleanup_config>(command, rest, env);
    }
    if (command == "verify") {
        verify_config defaults;
        defaults.threads = std::max(1U, std::thread::hardware_concurrency());
        switches unused;
        rest = with_ledger_named(std::move(rest), options_of(defaults, unused));
        return parse_as(command, rest, env, defaults);
    }
    if (command == "version") {
        if (!rest.empty()) {
            return bad(fmt::format("version: takes no arguments, was given '{}'", rest[0]));
        }
        return command_line{show_text{version_text()}, "vstats-sim version"};
    }
    run_config defaults;
    defaults.threads = std::max(1U, std::thread::hardware_concurrency());
    if (command == "capacity") {
        return parse_as(command, rest, env, capacity_config{.run = std::move(defaults)});
    }
    return parse_as(command, rest, env, defaults);
}

} // namespace vsim::app
