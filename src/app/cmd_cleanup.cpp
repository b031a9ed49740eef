#include "app/access.hpp"
#include "app/admin_job.hpp"
#include "app/command.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>

namespace vsim::app {
namespace {

using report::grouped;

bool agree(std::size_t count, const cleanup_config& c) {
    if (c.yes || ::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
        return true;
    }
    std::cerr << fmt::format(
                     "Delete {} servers named {}... on {}? [y/N] ",
                     grouped(count),
                     c.prefix,
                     c.access.server.text()
                 )
              << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

net::task<exit_code> clean_up(admin_job job, const cleanup_config& c) {
    auto found = co_await fleet::with_prefix(*job.job.server, c.prefix);
    if (!found) {
        complain(found.error().message);
        co_return exit_code_of(found.error());
    }
    if (found->empty()) {
        fmt::print("no servers named {}...\n", c.prefix);
        co_return exit_code::ok;
    }
    if (!agree(found->size(), c)) {
        complain("nothing was deleted");
        co_return exit_code::failed;
    }
    const auto removed = co_await remove_shown(std::move(job), *std::move(found));
    if (!removed) {
        complain(removed.error().message);
        co_return exit_code_of(removed.error());
    }
    fmt::print(
        "{} servers deleted, {} remain\n", grouped(removed->deleted), grouped(removed->remaining)
    );
    co_return removed->remaining == 0 ? exit_code::ok : exit_code::failed;
}

} // namespace

exit_code execute(const cleanup_config& c) {
    auto work = [&c](admin_job job) { return clean_up(std::move(job), c); };
    return administer(c.access, c.console, std::move(work));
}

} // namespace vsim::app
