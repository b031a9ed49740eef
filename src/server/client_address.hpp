#pragma once
// Who made a request, as vStats sees it (protocol.md 1.6): the peer, or whom a proxy on this
// machine says it speaks for. Reentrant.

#include "net/http.hpp"

#include <string>

namespace vsim::server {

// Only 127.0.0.1 and ::1 are trusted; of a chain of proxies the nearest one that is not counts. A
// header with anything but addresses in that part is ignored.
std::string client_address(const net::http_request& r);

} // namespace vsim::server
