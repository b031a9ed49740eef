#pragma once
// Brings the fleet's servers into being on a vStats server and takes them away again, gently and
// with retries; both can be stopped between two calls and then say how far they came. Thread-bound.

#include "agent/identity.hpp"
#include "fleet/admin.hpp"
#include "fleet/delete_pace.hpp"
#include "net/task.hpp"
#include "proto/rest.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vsim::fleet {

// What both jobs need from outside; `server` and `counts` outlive them. `is_stopped` is asked
// between calls; `sleep` waits (and may be cut short by a stop).
struct job {
    admin* server;
    stats::recorder* counts; // servers_registered, servers_deleted, latency register_, errors
    std::function<bool()> is_stopped;
    std::function<net::task<>(util::nanoseconds)> sleep;
};

struct registered {
    std::vector<agent::identity> agents; // by index; complete unless stopped or failed
    std::vector<std::string> created;    // ids that this call added to the server
    bool stopped = false;
    std::optional<util::error> refused{}; // the token, after something had been created
};

// Names P000, P001, ... as printf("%s%03d"). A server of that name that exists already is used as
// it is. Imports the missing in hundreds (single POSTs where import is missing), tries a failed
// call again after looking which names have arrived, so that nothing is registered twice.
// `location` and `provider` are those of the simulated machine. An error when nothing could be
// registered at all or the token was refused; otherwise what could not be registered is counted as
// an error "register.*" and is absent from `agents`. `agents` may be empty beside a `created` that
// is not: then the server did not tell the tokens of what it had added.
net::task_result<registered>
register_fleet(job j, std::uint64_t seed, std::uint32_t count, std::string prefix);

// Name of the agent with that index.
std::string server_name(const std::string& prefix, std::uint32_t index);

struct removal {
    std::size_t deleted = 0;
    std::size_t remaining = 0; // still listed afterwards (or not yet deleted, when stopped)
    bool stopped = false;
};

// The ids of all servers whose name begins with `prefix` (not empty). `a` outlives the call.
net::task_result<std::vector<std::string>> with_prefix(admin& a, std::string prefix);

// Deletes one at a time, with rests, because the real server crashes when its configuration is
// saved in the middle of many deletes (see delete_pace), then looks what is left. An error when the
// token was refused; any other ends the deleting and is counted as an error "cleanup.*".
net::task_result<removal> remove_servers(job j, std::vector<std::string> ids);

} // namespace vsim::fleet
