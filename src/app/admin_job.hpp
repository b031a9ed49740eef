#pragma once
// What `register` and `cleanup` have in common: a small pool, somebody who may administer the
// server, a soft stop. From the main thread.

#include "app/config.hpp"
#include "app/credentials.hpp"
#include "app/exit_code.hpp"
#include "app/run_monitor.hpp"
#include "fleet/registration.hpp"
#include "net/http.hpp"
#include "stats/recorder.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace vsim::app {

struct admin_job {
    fleet::job job;
    run_monitor* monitor; // for the phases that are shown
};

// What an administrator's job came to: said once the progress display is gone.
struct job_outcome {
    exit_code code = exit_code::ok;
    std::string result{};    // one line on stdout; "" = nothing
    std::string complaint{}; // one line on stderr; "" = nothing

    static job_outcome failed(std::string why) { return {exit_code::failed, {}, std::move(why)}; }
    static job_outcome failed(const util::error& e); // with the exit code that fits
};

// Finds the credentials, opens the server, runs `work`, and says what came of it.
exit_code administer(
    const access_config& access,
    const console_config& console,
    std::function<net::task<job_outcome>(admin_job)> work
);

// The same with credentials that were found before.
exit_code administer_as(
    credentials who,
    net::endpoint to,
    const console_config& console,
    std::function<net::task<job_outcome>(admin_job)> work
);

// Deletes earlier servers with the prefix, unless they are to be kept, and registers the fleet.
net::task_result<fleet::registered> enrol_shown(admin_job j, const register_config& c);

// fleet::remove_servers and fleet::register_fleet as phases "cleanup" and "register".
net::task_result<fleet::removal> remove_shown(admin_job j, std::vector<std::string> ids);
net::task_result<fleet::registered>
register_shown(admin_job j, std::uint64_t seed, std::uint32_t count, std::string prefix);

// Errors a job counted, one line a kind.
void complain_about(const stats::recorder& counts);

} // namespace vsim::app
