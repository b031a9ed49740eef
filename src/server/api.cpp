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

constexpr std::string_view default_dimensions =
    R"([{"id":"region","name":"Region","key":"region","enabled":true,"sort_order":0,"options":[)"
    R"({"id":"asia","name":"Asia","sort_order":0},{"id":"america","name":"America","sort_order":1},)"
    R"({"id":"europe","name":"Europe","sort_order":2},{"id":"other","name":"Other","sort_order":3}]},)"
    R"({"id":"purpose","name":"Purpose","key":"purpose","enabled":true,"sort_order":1,"options":[)"
    R"({"id":"production","name":"Production","sort_order":0},)"
    R"({"id":"staging","name":"Staging","sort_order":1},)"
    R"({"id":"development","name":"Development","sort_order":2},)"
    R"({"id":"testing","name":"Testing","sort_order":3}]},)"
    R"({"id":"group","name":"Group","key":"group","enabled":false,"sort_order":2,"options":[]}])";
constexpr std::string_view default_site =
    R"({"site_name":"vStats Dashboard","site_description":"Real-time Server Monitoring",)"
    R"("social_links":[]})";

net::http_response text_reply(unsigned status, std::string body) {
    return {status, "text/plain; charset=utf-8", std::move(body), {}};
}

// What gin does with a path that has one slash too many at its end.
net::http_response redirect(const std::string& method, const target& where, std::string query) {
    net::http_response r = empty_reply(method == "GET" ? 301 : 307);
    r.headers.emplace_back("Location", where.path.substr(0, where.path.size() - 1) + query);
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
        {"GET", "/version", false, &api::version},
        {"GET", "/api/version", false, &api::version},
        {"POST", "/api/auth/login", false, &api::log_in},
        {"GET", "/api/auth/verify", true, &api::verify},
        {"GET", "/api/servers", false, &api::list_servers},
        {"POST", "/api/servers", true, &api::create_server},
        {"POST", "/api/servers/import", true, &api::import_servers},
        {"GET", "/api/servers/export", true, &api::export_servers},
        {"PUT", "/api/servers/:id", true, &api::change_server},
        {"DELETE", "/api/servers/:id", true, &api::delete_server},
        {"POST", "/api/agent/register", true, &api::register_agent},
        {"GET", "/api/metrics", false, &api::local_metrics},
        {"GET", "/api/metrics/all", false, &api::all_metrics},
        {"GET", "/api/history/:server_id", false, &api::history},
        {"GET", "/api/online-users", false, &api::online_users},
        {"GET", "/api/groups", false, &api::groups},
        {"GET", "/api/dimensions", false, &api::dimensions},
        {"GET", "/api/settings/site", false, &api::site},
        {"GET", "/api/settings/probe", true, &api::probe},
        {"PUT", "/api/settings/probe", true, &api::set_probe},
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
        co_return text_reply(404, "404 page not found");
    }
    if (found->is_protected) {
        auto refused = check_bearer(r);
        if (refused.status != 0) {
            co_return refused;
        }
    }
    c.request = std::move(r);
    // A stop does not cut a change in half; it ends the connection afterwards.
    co_await asio::this_coro::throw_if_cancelled(false);
    auto reply = co_await (this->*found->run)(std::move(c));
    co_await asio::this_coro::throw_if_cancelled(true);
    co_return reply;
}

net::task<net::http_response> api::health(call) {
    co_return text_reply(200, "OK");
}

net::task<net::http_response> api::version(call) {
    co_return json_reply(200, R"({"version":"dev","channel":"stable"})");
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

net::task<net::http_response> api::site(call) {
    co_return json_reply(200, std::string{default_site});
}

net::task<net::http_response> api::groups(call) {
    co_return json_reply(200, "[]");
}

net::task<net::http_response> api::dimensions(call) {
    co_return json_reply(200, std::string{default_dimensions});
}

net::task<net::http_response> api::probe(call) {
    co_return json_reply(200, proto::to_json(p_.set.probe()));
}

net::task<net::http_response> api::set_probe(call c) {
    auto wanted = proto::decode<proto::probe_settings>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    p_.set.set_probe(*wanted);
    std::string push = R"({"ping_targets":null,"type":"config"})";
    if (wanted->ping_targets) {
        proto::config_push config;
        config.ping_targets = wanted->ping_targets;
        push = proto::to_json(config);
    }
    p_.connected.tell_all(std::make_shared<const std::string>(std::move(push)));
    job j{save_setting_job{"probe", proto::to_json(*wanted)}};
    co_await p_.rows.push(std::move(j));
    co_return empty_reply(200);
}

} // namespace vsim::server
