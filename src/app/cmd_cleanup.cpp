#include "app/admin_job.hpp"
#include "app/command.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace vsim::app {
namespace {

using report::grouped;

// A line of the terminal; "" when a stop comes first.
std::string typed_line(const std::function<bool()>& is_stopped) {
    constexpr int look_every_ms = 100;
    std::string line;
    while (!is_stopped()) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, look_every_ms) <= 0) {
            continue;
        }
        char c = 0;
        if (::read(STDIN_FILENO, &c, 1) != 1 || c == '\n') {
            return line;
        }
        line += c;
    }
    return {};
}

bool agree(std::size_t count, const cleanup_config& c, const std::function<bool()>& is_stopped) {
    if (c.yes || ::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
        return true;
    }
    fmt::print(
        stderr,
        "Delete {} servers named {}... on {}? [y/N] ",
        grouped(count),
        c.prefix,
        c.access.server.text()
    );
    const auto answer = typed_line(is_stopped);
    return answer == "y" || answer == "Y" || answer == "yes";
}

net::task<job_outcome> clean_up(admin_job job, const cleanup_config& c) {
    auto found = co_await fleet::with_prefix(*job.job.server, c.prefix);
    if (!found) {
        co_return job_outcome::failed(found.error());
    }
    job_outcome outcome;
    if (found->empty()) {
        outcome.result = fmt::format("no servers named {}...", c.prefix);
        co_return outcome;
    }
    if (!agree(found->size(), c, job.job.is_stopped)) {
        co_return job_outcome::failed("nothing was deleted");
    }
    const auto removed = co_await remove_shown(std::move(job), *std::move(found));
    if (!removed) {
        co_return job_outcome::failed(removed.error());
    }
    outcome.code = removed->remaining == 0 ? exit_code::ok : exit_code::failed;
    outcome.result = fmt::format(
        "{} servers deleted, {} remain", grouped(removed->deleted), grouped(removed->remaining)
    );
    co_return outcome;
}

} // namespace

exit_code execute(const cleanup_config& c) {
    auto work = [&c](admin_job job) { return clean_up(std::move(job), c); };
    return administer(c.access, c.console, std::move(work));
}

} // namespace vsim::app
