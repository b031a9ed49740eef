#include "app/admin_job.hpp"

#include "app/access.hpp"
#include "app/command.hpp"
#include "app/main_loop.hpp"
#include "net/ticker.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

net::task<> rest(net::ticker& t, util::nanoseconds d) {
    co_await t.sleep_until(std::chrono::steady_clock::now() + d);
}

net::task<> open_and_work(
    net::endpoint to,
    credentials who,
    net::asio::any_io_executor where,
    net::ticker& pace,
    std::function<net::task<exit_code>(fleet::job)> work,
    exit_code& code
) {
    stats::recorder counts{1};
    const bool has_token = who.what == credentials::kind::token;
    fleet::admin admin{where, std::move(to), has_token ? who.value.reveal() : std::string{}};
    const auto opened = co_await open_admin(admin, std::move(who));
    if (!opened) {
        complain(opened.error().message);
        code = exit_code_of(opened.error());
    } else {
        fleet::job job{
            &admin,
            &counts,
            [&pace] { return pace.is_stopped(); },
            [&pace](util::nanoseconds d) { return rest(pace, d); }
        };
        code = co_await work(std::move(job));
        complain_about(counts);
    }
    pace.stop();
}

} // namespace

exit_code
administer(const access_config& access, std::function<net::task<exit_code>(fleet::job)> work) {
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
    hold_signals();
    net::pool pool{1, 1};
    net::ticker pace{pool.serial_executor(0)};
    auto code = exit_code::failed;
    run_main_loop(
        pool,
        open_and_work(
            *std::move(to), *std::move(who), pool.serial_executor(0), pace, std::move(work), code
        ),
        {.on_stop =
             [&] {
                 spdlog::warn("stopping after the present call; press Ctrl-C again to stop at once"
                 );
                 pace.stop();
             }}
    );
    return code;
}

void complain_about(const stats::recorder& counts) {
    for (const auto& [kind, error] : counts.take().errors) {
        complain(fmt::format("{} (x{}): {}", kind, error.count, error.example));
    }
}

} // namespace vsim::app
