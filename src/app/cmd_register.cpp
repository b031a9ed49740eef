#include "app/access.hpp"
#include "app/admin_job.hpp"
#include "app/command.hpp"
#include "fleet/roster.hpp"
#include "report/output_file.hpp"
#include "report/units.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace vsim::app {
namespace {

exit_code fail(const util::error& e) {
    complain(e.message);
    return exit_code_of(e);
}

net::task<exit_code> enrol(admin_job job, const register_config& c) {
    if (!c.keep) {
        auto earlier = co_await fleet::with_prefix(*job.job.server, c.prefix);
        if (!earlier) {
            co_return fail(earlier.error());
        }
        const auto removed = co_await remove_shown(job, *std::move(earlier));
        if (!removed) {
            co_return fail(removed.error());
        }
        if (removed->remaining > 0) {
            complain(fmt::format("{} earlier servers were not deleted", removed->remaining));
            co_return exit_code::failed;
        }
    }
    auto done = co_await register_shown(job, c.seed, c.count, c.prefix);
    if (!done) {
        co_return fail(done.error());
    }
    if (done->agents.empty()) {
        complain(fmt::format(
            "stopped with {} servers registered; `vstats-sim cleanup --prefix {}` deletes them",
            report::grouped(done->created.size()),
            c.prefix
        ));
        co_return exit_code::failed;
    }
    const auto saved = fleet::save_roster(c.fleet_file, done->agents);
    if (!saved) {
        co_return fail(saved.error());
    }
    fmt::print(
        "{} servers registered, written to {}\n", report::grouped(done->agents.size()), c.fleet_file
    );
    if (done->agents.size() < c.count) {
        complain(fmt::format(
            "{} of {} were not registered; `vstats-sim cleanup --prefix {}` deletes the others",
            report::grouped(c.count - done->agents.size()),
            report::grouped(c.count),
            c.prefix
        ));
        co_return exit_code::failed;
    }
    co_return exit_code::ok;
}

} // namespace

exit_code execute(const register_config& c) {
    // Refused before anything is registered.
    if (const auto can_write = report::output_file::open(c.fleet_file); !can_write) {
        complain("--fleet: " + can_write.error().message);
        return exit_code::failed;
    }
    auto work = [&c](admin_job job) { return enrol(std::move(job), c); };
    return administer(c.access, c.console, std::move(work));
}

} // namespace vsim::app
