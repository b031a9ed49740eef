#pragma once
// What `register` and `cleanup` have in common: a small pool, somebody who may administer the
// server, a soft stop. From the main thread.

#include "app/config.hpp"
#include "app/exit_code.hpp"
#include "fleet/registration.hpp"
#include "stats/recorder.hpp"

#include <functional>

namespace vsim::app {

// Finds the credentials, opens the server and runs `work`, which returns how the process ends.
// What goes wrong before is said on stderr.
exit_code
administer(const access_config& access, std::function<net::task<exit_code>(fleet::job)> work);

// Errors a job counted, one line a kind.
void complain_about(const stats::recorder& counts);

} // namespace vsim::app
