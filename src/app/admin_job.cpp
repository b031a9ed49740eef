#include "app/admin_job.hpp"

#include "app/access.hpp"
#include "app/command.hpp"
#include "app/live_display.hpp"
#include "app/main_loop.hpp"
#include "net/ticker.hpp"
#include "report/units.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

// What the main thread and the work share.
struct shared {
    explicit shared(net::pool& p) : where{p.serial_executor(0)}, pace{where} {}

    net::asio::any_io_executor where;
    net::ticker pace;
    stats::recorder counts{1};
    run_monitor monitor{counts, 0};
    job_outcome outcome;
};

net::task<> open_and_work(
    shared& s,
    net::endpoint to,
    credentials who,
    std::function<net::task<job_outcome>(admin_job)> work
) {
    const bool has_token = who.what == credentials::kind::token;
    fleet::admin admin{s.where, std::move(to), has_token ? who.value.reveal() : std::string{}};
    const auto opened = co_await open_admin(admin, std::move(who));
    if (!opened) {
        s.outcome = job_outcome::failed(opened.error());
    } else {
        fleet::job job{
            &admin,
            &s.counts,
            [&s] { return s.pace.is_stopped(); },
            [&s](util::nanoseconds d) { return rest(s.pace, d); }
        };
        admin_job all{std::move(job), &s.monitor};
        s.outcome = co_await work(std::move(all));
    }
    s.pace.stop();
}

} // namespace

job_outcome job_outcome::failed(const util::error& e) {
    return {exit_code_of(e), {}, e.message};
}

exit_code administer(
    const access_config& access,
    const console_config& console,
    std::function<net::task<job_outcome>(admin_job)> work
) {
    auto to = endpoint_of(access);
    if (!to) {
        complain(to.error().message);
        return exit_code_of(to.error());
    }
    auto who = find_credentials(access, secret_sources::of_process());
    if (!who) {
        complain(who.error().message);
        return exit_code_of(who.error());
    }
    return administer_as(*std::move(who), *std::move(to), console, std::move(work));
}

exit_code administer_as(
    credentials who,
    net::endpoint to,
    const console_config& console,
    std::function<net::task<job_outcome>(admin_job)> work
) {
    hold_signals();
    net::pool pool{1, 1};
    shared s{pool};
    {
        live_display display{console};
        run_main_loop(
            pool,
            open_and_work(s, std::move(to), std::move(who), std::move(work)),
            {
                .on_tick = [&] { display.show(s.monitor); },
                .on_stop =
                    [&] {
                        spdlog::warn("stopping after the present call; press Ctrl-C again to stop "
                                     "at once");
                        s.pace.stop();
                    },
                .before_exit = [&] { display.leave(); },
            }
        );
    }
    complain_about(s.counts);
    if (!s.outcome.result.empty()) {
        fmt::print("{}\n", s.outcome.result);
    }
    if (!s.outcome.complaint.empty()) {
        complain(s.outcome.complaint);
    }
    return s.outcome.code;
}

net::task_result<fleet::registered> enrol_shown(admin_job j, const register_config& c) {
    if (!c.keep) {
        auto earlier = co_await fleet::with_prefix(*j.job.server, c.prefix);
        if (!earlier) {
            co_return earlier.error();
        }
        const auto removed = co_await remove_shown(j, *std::move(earlier));
        if (!removed) {
            co_return removed.error();
        }
        if (removed->remaining > 0) {
            co_return util::make_error(
                util::errc::io,
                fmt::format(
                    "{} earlier servers were not deleted", report::grouped(removed->remaining)
                )
            );
        }
    }
    auto done = co_await register_shown(j, c.seed, c.count, c.prefix);
    co_return done;
}

net::task_result<fleet::removal> remove_shown(admin_job j, std::vector<std::string> ids) {
    if (ids.empty()) {
        co_return fleet::removal{};
    }
    auto* counts = j.job.counts;
    j.monitor->begin("cleanup", report::phase_progress::unit::items, ids.size(), [counts] {
        return counts->total(stats::counter::servers_deleted);
    });
    auto removed = co_await fleet::remove_servers(std::move(j.job), std::move(ids));
    j.monitor->end(!removed || removed->remaining > 0);
    co_return removed;
}

net::task_result<fleet::registered>
register_shown(admin_job j, std::uint64_t seed, std::uint32_t count, std::string prefix) {
    auto* counts = j.job.counts;
    j.monitor->begin("register", report::phase_progress::unit::items, count, [counts] {
        return counts->total(stats::counter::servers_registered);
    });
    auto done = co_await fleet::register_fleet(std::move(j.job), seed, count, std::move(prefix));
    j.monitor->end(!done || done->agents.size() < count);
    co_return done;
}

void complain_about(const stats::recorder& counts) {
    for (const auto& [kind, error] : counts.take().errors) {
        complain(fmt::format("{} (x{}): {}", kind, error.count, error.example));
    }
}

} // namespace vsim::app
