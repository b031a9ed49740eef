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
#include "server/traffic.hpp"
#include "server/web_files.hpp"

#include <functional>
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
        traffic& used;
        const web_files* web = nullptr; // none: what is no route is no page
    };
    explicit api(parts p) : p_{p} {}

    net::task<net::http_response> handle(net::http_request r);

private:
    struct call {
        net::http_request request;
        target where;
        std::vector<std::string> values; // of the path's :parts
        std::string_view fixed;          // as in route
    };
    using handler = net::task<net::http_response> (api::*)(call);
    struct route {
        std::string_view method, path;
        bool is_protected;
        handler run;
        std::string_view fixed{}; // what constant() answers
    };
    static const std::vector<route>& routes();
    static const route* find(const std::string& method, std::string_view path, call& into);
    // The answer to a request that may not pass, or status 0.
    net::http_response check_bearer(const net::http_request& r) const;

    // Of the server itself and the administrator: api.cpp.
    net::task<net::http_response> health(call c);
    net::task<net::http_response> constant(call c);
    net::task<net::http_response> log_in(call c);
    net::task<net::http_response> verify(call c);

    // What is set for all: api_settings.cpp.
    net::task<net::http_response> site(call c);
    net::task<net::http_response> set_site(call c);
    net::task<net::http_response> themes(call c);
    net::task<net::http_response> probe(call c);
    net::task<net::http_response> set_probe(call c);
    net::task<net::http_response> geoip(call c);
    net::task<net::http_response> set_geoip(call c);

    // Groups and dimensions: api_groups.cpp.
    net::task<net::http_response> groups(call c);
    net::task<net::http_response> add_group(call c);
    net::task<net::http_response> change_group(call c);
    net::task<net::http_response> delete_group(call c);
    net::task<net::http_response> dimensions(call c);
    net::task<net::http_response> add_dimension(call c);
    net::task<net::http_response> change_dimension(call c);
    net::task<net::http_response> delete_dimension(call c);
    net::task<net::http_response> add_option(call c);
    net::task<net::http_response> change_option(call c);
    net::task<net::http_response> delete_option(call c);

    // Traffic: api_traffic.cpp.
    net::task<net::http_response> traffic_summary(call c);
    net::task<net::http_response> all_traffic(call c);
    net::task<net::http_response> traffic_of(call c);
    net::task<net::http_response> set_traffic_limit(call c);
    net::task<net::http_response> set_traffic_limits(call c);
    net::task<net::http_response> traffic_limits(call c);
    net::task<net::http_response> delete_traffic_limit(call c);
    net::task<net::http_response> reset_traffic(call c);
    net::task<net::http_response> traffic_history(call c);
    net::task<net::http_response> traffic_daily(call c);

    // Of the fleet: api_servers.cpp.
    net::task<net::http_response> list_servers(call c);
    net::task<net::http_response> create_server(call c);
    net::task<net::http_response> import_servers(call c);
    net::task<net::http_response> export_servers(call c);
    net::task<net::http_response> change_server(call c);
    net::task<net::http_response> delete_server(call c);
    net::task<net::http_response> update_agent(call c);
    net::task<net::http_response> register_agent(call c);
    net::task<net::http_response> local_metrics(call c);
    net::task<net::http_response> all_metrics(call c);
    net::task<net::http_response> history(call c);
    net::task<net::http_response> online_users(call c);

    // Returns when they are committed; empty = they could not be, and are not known.
    net::task<entry_list> add(std::vector<proto::server_fields> wanted);
    net::task_result<> commit(job j);
    // To the store; each returns when it has been taken.
    net::task<> save(std::string name, std::string value);
    net::task<> save_groups();
    // Of groups or dimensions: changes the one whose id the path names, and has all saved.
    template <class Patch, class T>
    net::task<net::http_response> change_in(
        call c, setting<std::vector<T>>& all, std::string missing, net::task<> (api::*saver)()
    );
    net::task<> save_dimensions();
    net::task<> save_traffic(std::vector<std::string> server_ids);
    net::task<> save_limits();
    net::task<> forget(std::function<bool(server_entry&)> what); // saves those it changed

    parts p_;
};

net::http_response json_reply(unsigned status, std::string body);
net::http_response error_reply(unsigned status, std::string_view text);
net::http_response empty_reply(unsigned status);
inline net::http_response bad_request() {
    return error_reply(400, "Invalid request");
}

} // namespace vsim::server
