#pragma once
// The HTTP routes (protocol.md 1.1), with the status codes and bodies of vStats to the byte.
// Thread-safe.

#include "net/http.hpp"
#include "net/task.hpp"
#include "server/accounts.hpp"
#include "server/agents.hpp"
#include "server/counters.hpp"
#include "server/dashboards.hpp"
#include "server/queries.hpp"
#include "server/registry.hpp"
#include "server/settings.hpp"
#include "server/store.hpp"
#include "server/target.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vsim::server {

class api {
public:
    // All of it outlives the api.
    struct parts {
        accounts& admins;
        registry& servers;
        settings& set;
        store& rows;
        queries& reads;
        agents& connected;
        dashboards& viewers;
        counters& counts;
    };
    explicit api(parts p) : p_{p} {}

    net::task<net::http_response> handle(net::http_request r);

private:
    struct call {
        net::http_request request;
        target where;
        std::vector<std::string> values; // of the path's :parts
    };
    using handler = net::task<net::http_response> (api::*)(call);
    struct route {
        std::string_view method, path;
        bool is_protected;
        handler run;
    };
    static const std::vector<route>& routes();
    static const route* find(const std::string& method, std::string_view path, call& into);
    // The answer to a request that may not pass, or status 0.
    net::http_response check_bearer(const net::http_request& r) const;

    // Of the server itself and the administrator: api.cpp.
    net::task<net::http_response> health(call c);
    net::task<net::http_response> version(call c);
    net::task<net::http_response> log_in(call c);
    net::task<net::http_response> verify(call c);
    net::task<net::http_response> site(call c);
    net::task<net::http_response> groups(call c);
    net::task<net::http_response> dimensions(call c);
    net::task<net::http_response> probe(call c);
    net::task<net::http_response> set_probe(call c);

    // Of the fleet: api_servers.cpp.
    net::task<net::http_response> list_servers(call c);
    net::task<net::http_response> create_server(call c);
    net::task<net::http_response> import_servers(call c);
    net::task<net::http_response> export_servers(call c);
    net::task<net::http_response> change_server(call c);
    net::task<net::http_response> delete_server(call c);
    net::task<net::http_response> register_agent(call c);
    net::task<net::http_response> local_metrics(call c);
    net::task<net::http_response> all_metrics(call c);
    net::task<net::http_response> history(call c);
    net::task<net::http_response> online_users(call c);

    net::task<entry_list> add(std::vector<proto::server_fields> wanted);

    parts p_;
};

net::http_response json_reply(unsigned status, std::string body);
net::http_response error_reply(unsigned status, std::string_view text);
net::http_response empty_reply(unsigned status);
inline net::http_response bad_request() {
    return error_reply(400, "Invalid request");
}

} // namespace vsim::server
