#pragma once
// HTTP as plain values, and a client that keeps one connection alive. Beast stays inside.

#include "net/task.hpp"
#include "net/tls.hpp"
#include "util/parse.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::net {

struct http_request {
    std::string method = "GET";
    std::string target; // path and query
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string remote_ip; // server side: the peer's address
};
// The first header of that name, compared without case; "" if absent. Borrowed from `r`.
std::string_view header(const http_request& r, std::string_view name);

struct http_response {
    unsigned status = 200;
    std::string content_type; // "" = no body
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

// Where a client connects: the server, how, and from which local address.
struct endpoint {
    util::url url;
    std::optional<tls_context> tls; // required for https
    std::string source_ip;          // "" = any
};

// One connection to one server, opened when needed, kept alive, opened again once when the server
// had closed it between two requests. Thread-bound.
class http_client {
public:
    http_client(asio::any_io_executor where, endpoint to);
    ~http_client();
    http_client(http_client&&) noexcept;
    http_client& operator=(http_client&&) noexcept;

    // The whole exchange, connecting included, ends by `deadline`. Any status is a response; an
    // error is unreachable, timeout, closed or protocol and names host and port. Bodies up to 1
    // GiB.
    task_result<http_response> send(http_request r, util::steady_time deadline);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace vsim::net
