#pragma once
// Internal to net: from an endpoint to a connected stream, and the texts of what can go wrong with
// a peer. Reentrant.

#include "net/http.hpp"
#include "net/stream.hpp"

#include <string>
#include <string_view>

namespace vsim::net {

// Resolves, binds to the source address, connects (each address in turn), sets TCP_NODELAY, does
// the TLS handshake. `where` is the executor of the calling coroutine.
task_result<stream>
open_stream(asio::any_io_executor where, endpoint to, util::steady_time deadline);

// "within 10s": the time between two instants for a message.
std::string within(util::steady_time start, util::steady_time deadline);

// What an error while talking to `peer` ("host:port") means. `timed_out` and `is_cancelled` say why
// an operation was aborted, if it was.
util::error talk_error(
    const error_code& ec,
    std::string_view peer,
    bool timed_out,
    bool is_cancelled,
    const std::string& time_limit
);

util::error cancelled_error();

} // namespace vsim::net
