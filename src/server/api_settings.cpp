#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "server/api.hpp"

#include <utility>

namespace vsim::server {

namespace {

constexpr std::int64_t default_interval_hr = 24;

std::string masked(const std::string& token) {
    if (token.empty()) {
        return "";
    }
    constexpr std::string_view stars = "****";
    if (token.size() <= 8) {
        return std::string{stars};
    }
    return token.substr(0, 4).append(stars).append(token.substr(token.size() - 4));
}

bool is_provider(std::string_view text) {
    return text == "auto" || text == "mmdb" || text == "ip-api" || text == "ipinfo";
}

} // namespace

net::task<> api::save(std::string name, std::string value) {
    job j{save_setting_job{std::move(name), std::move(value)}};
    co_await p_.rows.push(std::move(j));
}

net::task<net::http_response> api::site(call) {
    co_return json_reply(200, proto::to_json(p_.set.site.get()));
}

net::task<net::http_response> api::set_site(call c) {
    const auto wanted = proto::decode<proto::site_settings>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    p_.set.site.set(*wanted);
    proto::site_broadcast news;
    news.site = *wanted;
    p_.viewers.broadcast(std::make_shared<const std::string>(proto::to_json(news)));
    auto text = proto::to_json(*wanted);
    co_await save("site", std::move(text));
    co_return empty_reply(200);
}

net::task<net::http_response> api::themes(call) {
    proto::themes_reply reply;
    reply.current = "midnight"; // what vStats starts with
    const auto site = p_.set.site.get();
    if (site.theme && !site.theme->theme_id.empty()) {
        reply.current = site.theme->theme_id;
    }
    co_return json_reply(200, proto::to_json(reply));
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
    auto text = proto::to_json(*wanted);
    co_await save("probe", std::move(text));
    co_return empty_reply(200);
}

net::task<net::http_response> api::geoip(call) {
    const auto s = p_.set.geoip.get();
    proto::geoip_view view;
    view.auto_update = s.auto_update;
    view.ipinfo_token = masked(s.ipinfo_token);
    view.mmdb_path = s.mmdb_path;
    view.provider = s.provider;
    view.update_interval_hr = s.update_interval_hr;
    co_return json_reply(200, proto::to_json(view));
}

// Kept and shown, but nothing is ever looked up.
net::task<net::http_response> api::set_geoip(call c) {
    auto wanted = proto::decode<proto::geoip_settings>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    if (!is_provider(wanted->provider)) {
        co_return error_reply(400, "Invalid provider. Must be: auto, mmdb, ip-api, or ipinfo");
    }
    if (wanted->update_interval_hr <= 0) {
        wanted->update_interval_hr = default_interval_hr;
    }
    p_.set.geoip.edit([&](proto::geoip_settings& now) {
        if (wanted->ipinfo_token.empty() || wanted->ipinfo_token == masked(now.ipinfo_token)) {
            wanted->ipinfo_token = now.ipinfo_token;
        }
        now = *wanted;
    });
    if (wanted->provider == "mmdb") { // switched, but not saved, as in vStats
        const auto& path = wanted->mmdb_path;
        co_return error_reply(
            500,
            "Failed to apply config: failed to load MMDB: " +
                (path.empty() ? "no MMDB file found"
                              : "failed to open MMDB " + path + ": open " + path +
                                    ": no such file or directory")
        );
    }
    auto text = proto::to_json(*wanted);
    co_await save("geoip", std::move(text));
    co_return json_reply(200, R"({"mmdb_loaded":false,"success":true})");
}

} // namespace vsim::server
