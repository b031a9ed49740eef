#pragma once
// From what the user said about the server to somebody who can talk to it. Reentrant.

#include "app/config.hpp"
#include "app/credentials.hpp"
#include "app/exit_code.hpp"
#include "fleet/admin.hpp"
#include "net/http.hpp"
#include "net/ticker.hpp"
#include "util/error.hpp"

#include <functional>
#include <optional>
#include <string>

namespace vsim::app {

// bad_input, io: what is wrong with the TLS options.
util::result<net::endpoint> endpoint_of(const access_config& access);

// How the process ends because of an error on the way to the server: 3 when we were not let in, 2
// for bad input, else 1.
exit_code exit_code_of(const util::error& e);

// The server is a vStats server, its clock is near ours (else it is said in the log) and, where
// `who` is given, it accepts us as administrator. Nothing is changed there.
net::task_result<> open_admin(fleet::admin& a, std::optional<credentials> who);

// A fleet::job's `sleep`.
net::task<> rest(net::ticker& t, util::nanoseconds d);

} // namespace vsim::app
