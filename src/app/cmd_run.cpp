#include "app/access.hpp"
#include "app/command.hpp"
#include "app/credentials.hpp"
#include "app/log.hpp"
#include "app/main_loop.hpp"
#include "app/preflight.hpp"
#include "app/run.hpp"
#include "fleet/roster.hpp"
#include "report/console.hpp"
#include "report/json.hpp"
#include "report/output_file.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace vsim::app {
namespace {

exit_code refuse(const util::error& e) {
    complain(e.message);
    return exit_code_of(e);
}

util::result<std::vector<report::output_file>> open_outputs(const run_config& c) {
    std::vector<report::output_file> files;
    for (const auto& o : c.outputs) {
        auto file = report::output_file::open(o.path);
        if (!file) {
            return util::make_error(file.error().code, "--out: " + file.error().message);
        }
        files.push_back(*std::move(file));
    }
    return files;
}

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

// Writes every output; the exit code is part of what is written, so a failure can only be said.
exit_code publish(
    const run_config& c, const report::run_result& result, std::vector<report::output_file>& files
) {
    auto code = static_cast<exit_code>(result.exit_code);
    bool stdout_is_taken = false;
    for (auto& file : files) {
        stdout_is_taken = stdout_is_taken || file.path() == "-";
        if (const auto written = file.commit(report::to_json(result)); !written) {
            complain("--out: " + written.error().message);
            code = worse(code, exit_code::failed);
        }
    }
    const int fd = stdout_is_taken ? STDERR_FILENO : STDOUT_FILENO;
    const bool color = wants_color(c.console, output_traits::of(fd));
    write_text(stdout_is_taken ? stderr : stdout, report::render_summary(result, color));
    return code;
}

} // namespace

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
    auto files = open_outputs(c);
    if (!files) {
        return refuse(files.error());
    }
    if (!c.ledger_file.empty()) {
        auto ledger = report::output_file::open(c.ledger_file);
        if (!ledger) {
            return refuse({ledger.error().code, "--ledger: " + ledger.error().message});
        }
        parts.ledger = [file = std::make_shared<report::output_file>(*std::move(ledger)
                        )](std::string_view text) { return file->commit(text); };
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
    parts.before_exit = [&files] {
        for (auto& file : *files) {
            file.discard();
        }
    };
    hold_signals();
    return publish(c, perform(c, std::move(parts), command_line), *files);
}

} // namespace vsim::app
