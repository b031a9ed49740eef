#include "server/api.hpp"

#include "proto/decode.hpp"
#include "proto/encode.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

namespace {

constexpr std::string_view version_body = R"({"version":"dev","channel":"stable"})";
// What there would be to tell of other servers is not asked for.
constexpr std::string_view newest_version =
    R"({"current":"dev","channel":"stable","update_available":false,"nightly_available":false})";
constexpr std::string_view no_list = "[]";

net::http_response no_page() {
    return {404, "text/plain", "404 page not found", {}};
}

std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&#34;";
        } else if (c == '\'') {
            out += "&#39;";
        } else {
            out += c;
        }
    }
    return out;
}

// What vStats does with a path that has one slash too many at its end.
net::http_response
redirect(const std::string& method, const target& where, const std::string& query) {
    const auto to = where.path.substr(0, where.path.size() - 1) + query;
    net::http_response r = empty_reply(307);
    if (method == "GET") {
        r = {
            301,
            "text/html; charset=utf-8",
            "<a href=\"" + html_escaped(to) + "\">Moved Permanently</a>.\n\n",
            {}
        };
    }
    r.headers.emplace_back("Location", to);
    return r;
}

} // namespace

net::http_response json_reply(unsigned status, std::string body) {
    return {status, "application/json; charset=utf-8", std::move(body), {}};
}

net::http_response error_reply(unsigned status, std::string_view text) {
    return json_reply(status, proto::to_json(proto::error_body{std::string{text}}));
}

net::http_response empty_reply(unsigned status) {
    net::http_response r;
    r.status = status;
    return r;
}

const std::vector<api::route>& api::routes() {
    static const std::vector<route> all{
        {"GET", "/health", false, &api::health},
        {"GET", "/version", false, &api::constant, version_body},
        {"GET", "/api/version", false, &api::constant, version_body},
        {"GET", "/api/version/check", false, &api::constant, newest_version},
        {"POST", "/api/auth/login", false, &api::log_in},
        {"GET", "/api/auth/verify", true, &api::verify},
        {"GET", "/api/servers", false, &api::list_servers},
        {"POST", "/api/servers", true, &api::create_server},
        {"POST", "/api/servers/import", true, &api::import_servers},
        {"GET", "/api/servers/export", true, &api::export_servers},
        {"PUT", "/api/servers/:id", true, &api::change_server},
        {"DELETE", "/api/servers/:id", true, &api::delete_server},
        {"POST", "/api/servers/:id/update", true, &api::update_agent},
        {"POST", "/api/agent/register", true, &api::register_agent},
        {"GET", "/api/metrics", false, &api::local_metrics},
        {"GET", "/api/metrics/all", false, &api::all_metrics},
        {"GET", "/api/history/:server_id", false, &api::history},
        {"GET", "/api/online-users", false, &api::online_users},
        {"GET", "/api/groups", false, &api::groups},
        {"POST", "/api/groups", true, &api::add_group},
        {"PUT", "/api/groups/:id", true, &api::change_group},
        {"DELETE", "/api/groups/:id", true, &api::delete_group},
        {"GET", "/api/dimensions", false, &api::dimensions},
        {"POST", "/api/dimensions", true, &api::add_dimension},
        {"PUT", "/api/dimensions/:id", true, &api::change_dimension},
        {"DELETE", "/api/dimensions/:id", true, &api::delete_dimension},
        {"POST", "/api/dimensions/:id/options", true, &api::add_option},
        {"PUT", "/api/dimensions/:id/options/:option_id", true, &api::change_option},
        {"DELETE", "/api/dimensions/:id/options/:option_id", true, &api::delete_option},
        {"GET", "/api/themes", false, &api::themes},
        {"GET", "/api/aff-providers", false, &api::constant, no_list},
        {"GET",
         "/api/auth/oauth/providers",
         false,
         &api::constant,
         R"({"centralized":false,"providers":{}})"},
        {"GET", "/api/sso/bindings", true, &api::constant, R"({"bindings":[]})"},
        {"GET",
         "/api/settings/oauth",
         true,
         &api::constant,
         R"({"allowed_users":[],"use_centralized":false})"},
        {"GET", "/api/settings/aff-providers", true, &api::constant, no_list},
        {"GET", "/api/settings/site", false, &api::site},
        {"PUT", "/api/settings/site", true, &api::set_site},
        {"GET", "/api/settings/geoip", true, &api::geoip},
        {"PUT", "/api/settings/geoip", true, &api::set_geoip},
        {"GET", "/api/settings/probe", true, &api::probe},
        {"PUT", "/api/settings/probe", true, &api::set_probe},
        {"GET", "/api/traffic/summary", true, &api::traffic_summary},
        {"GET", "/api/traffic/stats", true, &api::all_traffic},
        {"GET", "/api/traffic/stats/:server_id", true, &api::traffic_of},
        {"PUT", "/api/traffic/limit", true, &api::set_traffic_limit},
        {"POST", "/api/traffic/reset", true, &api::reset_traffic},
        {"GET", "/api/traffic/history/:server_id", true, &api::traffic_history},
        {"GET", "/api/traffic/daily/:server_id", true, &api::traffic_daily},
        {"GET", "/api/traffic/limits", true, &api::traffic_limits},
        {"PUT", "/api/traffic/limits/batch", true, &api::set_traffic_limits},
        {"DELETE", "/api/traffic/limits/:server_id", true, &api::delete_traffic_limit},
    };
    return all;
}

const api::route* api::find(const std::string& method, std::string_view path, call& into) {
    const auto& all = routes();
    const auto found = std::ranges::find_if(all, [&](const route& r) {
        return r.method == method && match_path(r.path, path, into.values);
    });
    return found == all.end() ? nullptr : &*found;
}

net::http_response api::check_bearer(const net::http_request& r) const {
    constexpr std::string_view prefix = "Bearer ";
    const auto given = net::header(r, "Authorization");
    if (given.empty()) {
        return error_reply(401, "Missing authorization header");
    }
    if (!given.starts_with(prefix)) {
        return error_reply(401, "Invalid authorization header format");
    }
    if (!p_.admins.is_valid(given.substr(prefix.size()), std::chrono::system_clock::now())) {
        return error_reply(401, "Invalid token");
    }
    return empty_reply(0);
}

net::task<net::http_response> api::handle(net::http_request r) {
    ++p_.counts.requests;
    if (r.method == "OPTIONS") {
        co_return empty_reply(204);
    }
    call c;
    c.where = parse_target(r.target);
    const route* const found = find(r.method, c.where.path, c);
    if (found == nullptr) {
        const std::string_view path{c.where.path};
        if (path.size() > 1 && path.ends_with('/') &&
            find(r.method, path.substr(0, path.size() - 1), c) != nullptr) {
            co_return redirect(r.method, c.where, r.target.substr(path.size()));
        }
        co_return p_.web ? p_.web->answer(r, path) : no_page();
    }
    if (found->is_protected) {
        auto refused = check_bearer(r);
        if (refused.status != 0) {
            co_return refused;
        }
    }
    c.request = std::move(r);
    c.fixed = found->fixed;
    // A stop does not cut a change in half; it ends the connection afterwards.
    co_await asio::this_coro::throw_if_cancelled(false);
    auto reply = co_await (this->*found->run)(std::move(c));
    co_await asio::this_coro::throw_if_cancelled(true);
    co_return reply;
}

net::task<net::http_response> api::health(call) {
    co_return net::http_response{200, "text/plain; charset=utf-8", "OK", {}};
}

net::task<net::http_response> api::constant(call c) {
    co_return json_reply(200, std::string{c.fixed});
}

net::task<net::http_response> api::log_in(call c) {
    const auto request = proto::decode<proto::login_request>(c.request.body);
    if (!request) {
        co_return bad_request();
    }
    const auto bearer = p_.admins.log_in(request->password, std::chrono::system_clock::now());
    if (!bearer) {
        co_return error_reply(401, "Invalid password");
    }
    proto::login_reply reply;
    reply.token = bearer->token;
    reply.expires_at = util::format_rfc3339(bearer->expires, 9);
    co_return json_reply(200, proto::to_json(reply));
}

net::task<net::http_response> api::verify(call) {
    co_return json_reply(200, proto::to_json(proto::verify_reply{"valid"}));
}

} // namespace vsim::server
