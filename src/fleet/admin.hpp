#pragma once
// The REST side of a vStats server as the fleet needs it (protocol.md 1): who it is, who we are,
// which servers it knows, add some, delete some. An error names the server and says what it
// answered, never a token or password. Thread-bound: calls one after the other; outlives them.

#include "net/http.hpp"
#include "net/task.hpp"
#include "proto/rest.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::fleet {

// Time for one call, connecting included.
inline constexpr util::seconds rest_deadline{10};
// What one import may hold (protocol.md 1.3).
inline constexpr std::size_t import_limit = 100;

class admin {
public:
    // `token` may be empty for what needs none (identify, servers, log_in).
    admin(net::asio::any_io_executor where, net::endpoint to, std::string token);

    // GET /api/version; errc::protocol when this is no vStats server. `clock_offset` is the
    // server's clock minus ours from its Date header, to the second.
    struct identity {
        std::string version;
        std::optional<util::nanoseconds> clock_offset;
    };
    net::task_result<identity> identify();
    // The token is kept for the calls that follow. errc::auth: the password was refused.
    net::task_result<std::string> log_in(std::string password);
    net::task_result<> verify_token(); // errc::auth: refused

    net::task_result<std::vector<proto::server_object>> servers(); // in the server's order
    // 1 to import_limit rows, sent at most once. errc::not_found: this server has no import.
    net::task_result<proto::import_reply> import(std::vector<proto::server_fields> rows);
    net::task_result<proto::server_object> create(proto::server_fields row); // sent at most once
    net::task_result<> remove(std::string id); // also succeeds for an unknown id (protocol.md 1.1)

    const std::string& peer() const { return peer_; } // "host:port", for messages
    // HTTP status of the last call's answer; 0 when none came.
    unsigned last_status() const { return status_; }

private:
    // Any answer but a 401.
    net::task_result<net::http_response> call(net::http_request r);
    net::http_request as_admin(std::string method, std::string target, std::string body = {}) const;
    void use_fresh_connection();

    std::string shown(std::string_view foreign) const;
    util::error unexpected(std::string_view what, const net::http_response& r) const;
    util::error
    undecodable(std::string_view what, const net::http_response& r, std::string_view why) const;

    net::asio::any_io_executor where_;
    net::endpoint to_;
    net::http_client client_;
    std::string peer_;
    std::string token_;
    unsigned status_ = 0;
};

} // namespace vsim::fleet
