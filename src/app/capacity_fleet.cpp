#include "app/capacity_fleet.hpp"

#include "app/access.hpp"
#include "app/admin_job.hpp"
#include "app/command.hpp"
#include "fleet/roster.hpp"
#include "report/units.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace vsim::app {
namespace {

using report::grouped;

net::task<job_outcome> enrol_into(admin_job job, register_config c, fleet::registered& result) {
    auto done = co_await enrol_shown(job, c);
    if (!done) {
        co_return job_outcome::failed(done.error());
    }
    result = *std::move(done);
    if (result.refused) {
        co_return job_outcome::failed(*result.refused);
    }
    if (!result.stopped && result.agents.size() < c.count) {
        co_return job_outcome::failed(fmt::format(
            "{} of {} servers were all that could be registered",
            grouped(result.agents.size()),
            grouped(c.count)
        ));
    }
    job_outcome good;
    co_return good;
}

net::task<job_outcome> remove_all(admin_job job, std::vector<std::string> ids) {
    auto removed = co_await remove_shown(job, std::move(ids));
    if (!removed) {
        co_return job_outcome::failed(removed.error());
    }
    if (removed->remaining > 0) {
        co_return job_outcome::failed(
            fmt::format("{} servers of this search could not be deleted", removed->remaining)
        );
    }
    job_outcome good;
    co_return good;
}

} // namespace

util::result<std::optional<std::uint32_t>> capacity_fleet::read_file() {
    if (c_.run.fleet_file.empty()) {
        return std::optional<std::uint32_t>{};
    }
    auto agents = fleet::load_roster(c_.run.fleet_file);
    if (!agents) {
        return util::make_error(agents.error().code, "--fleet: " + agents.error().message);
    }
    const auto wanted = c_.run.count_given ? c_.to : c_.from;
    if (wanted > agents->size()) {
        return util::make_error(
            util::errc::bad_input,
            fmt::format(
                "--{}: {} is more than the {} agents of {}",
                c_.run.count_given ? "to" : "from",
                wanted,
                agents->size(),
                c_.run.fleet_file
            )
        );
    }
    agents_ = *std::move(agents);
    return std::optional{c_.run.count_given ? c_.to : static_cast<std::uint32_t>(agents_.size())};
}

util::result<void> capacity_fleet::prepare() {
    auto server = endpoint_of(c_.run.access);
    if (!server) {
        return server.error();
    }
    server_ = *std::move(server);
    if (!c_.run.embedded && agents_.empty()) {
        auto who = find_credentials(c_.run.access, secret_sources::of_process());
        if (!who) {
            return who.error();
        }
        who_ = *std::move(who);
    }
    return {};
}

exit_code capacity_fleet::enrol(bool is_resumed) {
    if (c_.run.embedded || !agents_.empty()) {
        return exit_code::ok;
    }
    register_config wanted{
        .access = c_.run.access,
        .count = c_.to,
        .seed = c_.run.seed,
        .prefix = c_.run.prefix,
        .keep = c_.run.keep || is_resumed,
        .fleet_file = {},
        .console = c_.run.console,
    };
    fleet::registered done;
    auto work = [&](admin_job job) { return enrol_into(std::move(job), wanted, done); };
    auto code = administer_as(*who_, server_, c_.run.console, std::move(work));
    agents_ = std::move(done.agents);
    created_ = std::move(done.created);
    if (done.stopped) {
        complain("stopped while the fleet was registered");
        code = worse(code, exit_code::failed);
    }
    return code;
}

run_parts capacity_fleet::parts_for(std::uint32_t agents) const {
    run_parts parts;
    parts.server = server_;
    parts.who = who_;
    if (!c_.run.embedded) {
        parts.known_fleet.emplace(agents_.begin(), agents_.begin() + agents);
    }
    return parts;
}

exit_code capacity_fleet::wind_up() {
    if (created_.empty()) {
        return exit_code::ok;
    }
    if (!c_.run.cleanup_after) {
        say_what_stays();
        return exit_code::ok;
    }
    auto work = [this](admin_job job) { return remove_all(std::move(job), created_); };
    return administer_as(*who_, server_, c_.run.console, std::move(work));
}

void capacity_fleet::say_what_stays() const {
    if (!created_.empty()) {
        spdlog::info(
            "{} servers named {}... stay; `vstats-sim cleanup --server {} --prefix {}` deletes "
            "them",
            grouped(created_.size()),
            c_.run.prefix,
            c_.run.access.server.text(),
            c_.run.prefix
        );
    }
}

} // namespace vsim::app
