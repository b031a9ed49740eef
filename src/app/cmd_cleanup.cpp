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

net::task<exit_code> clean_up(fleet::job job, const cleanup_config& c) {
    auto found = co_await fleet::with_prefix(*job.server, c.prefix);
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
    std::vector<std::string> ids;
    for (auto& s : *found) {
        ids.push_back(std::move(s.id));
    }
    const auto removed = co_await fleet::remove_servers(std::move(job), std::move(ids));
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
    auto work = [&c](fleet::job job) { return clean_up(std::move(job), c); };
    return administer(c.access, std::move(work));
}

} // namespace vsim::app
