#pragma once
// What `register` and `cleanup` have in common: a small pool, somebody who may administer the
// server, a soft stop. From the main thread.

#include "app/config.hpp"
#include "app/exit_code.hpp"
#include "app/run_monitor.hpp"
#include "fleet/registration.hpp"
#include "stats/recorder.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace vsim::app {

struct admin_job {
    fleet::job job;
    run_monitor* monitor; // for the phases that are shown
};

// Finds the credentials, opens the server and runs `work`, which returns how the process ends.
// What goes wrong before is said on stderr.
exit_code administer(
    const access_config& access,
    const console_config& console,
    std::function<net::task<exit_code>(admin_job)> work
);

// fleet::remove_servers and fleet::register_fleet as phases "cleanup" and "register".
net::task_result<fleet::removal> remove_shown(admin_job j, std::vector<std::string> ids);
net::task_result<fleet::registered>
register_shown(admin_job j, std::uint64_t seed, std::uint32_t count, std::string prefix);

// Errors a job counted, one line a kind.
void complain_about(const stats::recorder& counts);

} // namespace vsim::app
