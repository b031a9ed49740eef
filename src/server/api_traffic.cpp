#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "server/api.hpp"

#include <chrono>
#include <utility>

namespace vsim::server {

namespace {

constexpr std::int64_t default_periods = 12;
constexpr std::int64_t default_days = 30;
constexpr float default_warning = 80; // percent
constexpr std::string_view done = R"({"success":true})";

util::wall_time wall_now() {
    return std::chrono::system_clock::now();
}

// These routes show the decoder's own words, of which only those for no body at all are known.
net::http_response undecodable(const std::string& body, const util::error& why) {
    return error_reply(400, body.empty() ? "EOF" : why.message);
}

net::http_response without_id() {
    return error_reply(400, "server_id is required");
}

std::int64_t count_or(std::int64_t given, std::int64_t otherwise) {
    return given > 0 ? given : otherwise;
}

} // namespace

net::task<> api::save_traffic(std::vector<std::string> server_ids) {
    auto rows = p_.used.save(server_ids);
    if (!rows.rows.empty()) {
        job j{std::move(rows)};
        co_await p_.rows.push(std::move(j));
    }
}

net::task<> api::save_limits() {
    auto text = proto::to_json(p_.set.traffic_limits.get());
    co_await save("traffic_limits", std::move(text));
}

net::task<net::http_response> api::traffic_summary(call) {
    proto::traffic_summary reply;
    reply.stats = p_.used.all();
    reply.total_servers = static_cast<std::int64_t>(reply.stats.size());
    for (const auto& one : reply.stats) {
        if (one.monthly_limit_gb > 0) {
            ++reply.servers_with_limit;
            reply.over_limit_count += one.usage_percent >= 100 ? 1 : 0;
            reply.warning_count += one.usage_percent >= 80 && one.usage_percent < 100 ? 1 : 0;
        }
    }
    co_return json_reply(200, proto::to_json(reply));
}

net::task<net::http_response> api::all_traffic(call) {
    co_return json_reply(200, proto::to_json(p_.used.all()));
}

net::task<net::http_response> api::traffic_of(call c) {
    const auto found = p_.used.stats_of(c.values.front());
    if (!found) {
        co_return error_reply(404, "Server not found");
    }
    co_return json_reply(200, proto::to_json(*found));
}

net::task<net::http_response> api::set_traffic_limit(call c) {
    auto wanted = proto::decode<proto::traffic_limit_request>(c.request.body);
    if (!wanted) {
        co_return undecodable(c.request.body, wanted.error());
    }
    if (wanted->server_id.empty()) {
        co_return without_id();
    }
    if (!wanted->threshold_type.empty() && !is_threshold_type(wanted->threshold_type)) {
        co_return error_reply(400, "invalid threshold_type, must be one of: sum, max, up, down");
    }
    p_.used.set_limit(*wanted, wall_now());
    proto::config_push config;
    config.traffic = p_.used.config_of(wanted->server_id);
    // One that is not connected learns it when it comes; one whose queue is full never does.
    p_.connected.tell(
        wanted->server_id, std::make_shared<const std::string>(proto::to_json(config))
    );
    std::vector<std::string> changed{wanted->server_id};
    co_await save_traffic(std::move(changed));
    co_return json_reply(200, std::string{done});
}

net::task<net::http_response> api::set_traffic_limits(call c) {
    const auto wanted = proto::decode<proto::traffic_limits_request>(c.request.body);
    if (!wanted) {
        co_return undecodable(c.request.body, wanted.error());
    }
    std::vector<proto::traffic_limit> limits;
    std::vector<std::string> changed;
    for (const auto& one : wanted->limits) {
        if (one.server_id.empty()) {
            continue;
        }
        p_.used.set_limit(one, wall_now());
        changed.push_back(one.server_id);
        if (one.monthly_limit_gb > 0) {
            const auto warning = one.warning == 0 ? default_warning : one.warning;
            limits.push_back(
                {one.server_id, one.monthly_limit_gb, one.threshold_type, one.reset_day, warning}
            );
        }
    }
    const auto count = limits.size();
    p_.set.traffic_limits.set(std::move(limits));
    co_await save_traffic(std::move(changed));
    co_await save_limits();
    co_return json_reply(200, R"({"count":)" + std::to_string(count) + R"(,"success":true})");
}

net::task<net::http_response> api::traffic_limits(call) {
    co_return json_reply(200, proto::to_json(p_.set.traffic_limits.get()));
}

net::task<net::http_response> api::delete_traffic_limit(call c) {
    proto::traffic_limit_request none;
    none.server_id = c.values.front();
    p_.used.set_limit(none, wall_now()); // what was counted stays
    p_.set.traffic_limits.edit([&](auto& all) {
        return std::erase_if(all, [&](const auto& one) { return one.server_id == none.server_id; });
    });
    std::vector<std::string> changed{none.server_id};
    co_await save_traffic(std::move(changed));
    co_await save_limits();
    co_return json_reply(200, std::string{done});
}

net::task<net::http_response> api::reset_traffic(call c) {
    const auto wanted = proto::decode<proto::traffic_reset_request>(c.request.body);
    if (!wanted) {
        co_return undecodable(c.request.body, wanted.error());
    }
    if (wanted->server_id.empty()) {
        co_return without_id();
    }
    if (!p_.used.reset(wanted->server_id, wanted->reset_to_zero, wall_now())) {
        co_return error_reply(404, "server not found: " + wanted->server_id);
    }
    std::vector<std::string> changed{wanted->server_id};
    co_await save_traffic(std::move(changed));
    co_return json_reply(200, std::string{done});
}

net::task<net::http_response> api::traffic_history(call c) {
    const auto limit = count_or(c.where.number("limit"), default_periods);
    const auto periods = co_await p_.reads.traffic_history(c.values.front(), limit);
    if (!periods) {
        co_return error_reply(500, periods.error().message);
    }
    co_return json_reply(200, proto::to_json(*periods));
}

net::task<net::http_response> api::traffic_daily(call c) {
    const auto& id = c.values.front();
    constexpr std::int64_t most_days = 36'500;
    const auto days = std::min(count_or(c.where.number("days"), default_days), most_days);
    const auto first = util::format_rfc3339(wall_now() - std::chrono::hours{24 * days});
    auto got = co_await p_.reads.traffic_days(id, first.substr(0, 10));
    if (!got) {
        co_return error_reply(500, got.error().message);
    }
    if (const auto entry = p_.servers.find(id)) {
        got->server_name = entry->object().fields.name;
    }
    if (const auto stats = p_.used.stats_of(id)) {
        got->limit_gb = stats->monthly_limit_gb;
    }
    co_return json_reply(200, proto::to_json(*got));
}

} // namespace vsim::server
