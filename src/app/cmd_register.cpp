#include "app/admin_job.hpp"
#include "app/command.hpp"
#include "fleet/roster.hpp"
#include "report/output_file.hpp"
#include "report/units.hpp"

#include <fmt/format.h>

#include <utility>

namespace vsim::app {
namespace {

using report::grouped;

std::string what_stays(std::size_t count, const register_config& c) {
    return fmt::format(
        "{} servers named {}... stay; `vstats-sim cleanup --server {} --prefix {}` deletes them",
        grouped(count),
        c.prefix,
        c.access.server.text(),
        c.prefix
    );
}

net::task<job_outcome> enrol(admin_job job, const register_config& c) {
    auto done = co_await enrol_shown(job, c);
    if (!done) {
        co_return job_outcome::failed(done.error());
    }
    const auto& agents = done->agents;
    if (agents.empty()) {
        co_return job_outcome::failed(
            "no fleet file was written; " + what_stays(done->created.size(), c)
        );
    }
    const auto saved = fleet::save_roster(c.fleet_file, agents);
    if (!saved) {
        co_return job_outcome::failed(
            saved.error().message + "; " + what_stays(done->created.size(), c)
        );
    }
    job_outcome outcome;
    outcome.result =
        fmt::format("{} servers registered, written to {}", grouped(agents.size()), c.fleet_file);
    if (done->refused) {
        outcome.code = exit_code::auth;
        outcome.complaint = done->refused->message + "; " + what_stays(agents.size(), c);
    } else if (agents.size() < c.count) {
        outcome.code = exit_code::failed;
        outcome.complaint = fmt::format(
            "{} of {} were not registered; {}",
            grouped(c.count - agents.size()),
            grouped(c.count),
            what_stays(agents.size(), c)
        );
    }
    co_return outcome;
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
