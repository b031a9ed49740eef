#include "app/access.hpp"
#include "app/command.hpp"
#include "app/credentials.hpp"
#include "app/log.hpp"
#include "app/main_loop.hpp"
#include "app/preflight.hpp"
#include "app/run.hpp"
#include "app/run_outputs.hpp"
#include "app/run_watch.hpp"
#include "fleet/roster.hpp"
#include "report/console.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace vsim::app {

exit_code refuse(const util::error& e) {
    complain(e.message);
    return exit_code_of(e);
}

namespace {

util::result<std::vector<agent::identity>> read_fleet(const run_config& c) {
    auto fleet = fleet::load_roster(c.fleet_file);
    if (!fleet) {
        return util::make_error(fleet.error().code, "--fleet: " + fleet.error().message);
    }
    if (c.count_given && c.count > fleet->size()) {
        return util::make_error(
            util::errc::bad_input,
            fmt::format(
                "--count: {} is more than the {} agents of {}", c.count, fleet->size(), c.fleet_file
            )
        );
    }
    if (c.count_given) {
        fleet->resize(c.count);
    }
    return fleet;
}

void write_text(std::FILE* to, const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

exit_code show_plan(const run_config& c) {
    for (const auto& line : plan_of(c)) {
        fmt::print("{}\n", line);
    }
    const auto machine = check_machine(c);
    if (!machine) {
        return refuse(machine.error());
    }
    for (const auto& line : machine->lines) {
        fmt::print("{}\n", line);
    }
    return exit_code::ok;
}

} // namespace

// The exit code is part of what is written, so a failure can only be said.
exit_code publish(
    const console_config& c,
    const report::run_result& result,
    run_outputs& outputs,
    std::string (*render)(const report::run_result&, bool color)
) {
    auto code = static_cast<exit_code>(result.exit_code);
    for (const auto& failure : outputs.write(result)) {
        complain("--out: " + failure);
        code = worse(code, exit_code::failed);
    }
    const bool stdout_is_taken = outputs.owns_stdout();
    const int fd = stdout_is_taken ? STDERR_FILENO : STDOUT_FILENO;
    const bool color = wants_color(c, output_traits::of(fd));
    write_text(stdout_is_taken ? stderr : stdout, render(result, color));
    return code;
}

void complain(const std::string& message) {
    write_text(stderr, "vstats-sim: " + message + "\n");
}

exit_code execute(const run_config& wanted, const std::string& command_line) {
    auto c = wanted;
    run_parts parts;
    if (!c.fleet_file.empty()) {
        auto who = read_fleet(c);
        if (!who) {
            return refuse(who.error());
        }
        parts.known_fleet = *std::move(who);
        c.count = static_cast<std::uint32_t>(parts.known_fleet->size());
    }
    auto watched = watch_server(c);
    if (!watched) {
        return refuse(watched.error());
    }
    parts.watched = *std::move(watched);
    if (c.dry_run) {
        return show_plan(c);
    }
    const auto machine = check_machine(c);
    if (!machine) {
        return refuse(machine.error());
    }
    for (const auto& line : machine->lines) {
        spdlog::debug(line);
    }
    auto outputs = run_outputs::open(c.outputs);
    if (!outputs) {
        return refuse(outputs.error());
    }
    std::optional<report::output_file> ledger;
    if (!c.ledger_file.empty()) {
        auto file = report::output_file::open(c.ledger_file);
        if (!file) {
            return refuse({file.error().code, "--ledger: " + file.error().message});
        }
        ledger = *std::move(file);
        parts.ledger = [&ledger](std::string_view text) { return ledger->commit(text); };
    }
    auto endpoint = endpoint_of(c.access);
    if (!endpoint) {
        return refuse(endpoint.error());
    }
    parts.server = *std::move(endpoint);
    if (!c.embedded && !parts.known_fleet) {
        auto who = find_credentials(c.access, secret_sources::of_process());
        if (!who) {
            return refuse(who.error());
        }
        parts.who = *std::move(who);
    }
    parts.outputs = &*outputs;
    parts.before_exit = [&outputs, &ledger] {
        outputs->discard();
        if (ledger) {
            ledger->discard();
        }
    };
    hold_signals();
    if (const auto served = outputs->serve_metrics(c.prometheus); !served) {
        return refuse(served.error());
    }
    const auto result = perform(c, std::move(parts), command_line);
    return publish(c.console, result, *outputs, report::render_summary);
}

} // namespace vsim::app
