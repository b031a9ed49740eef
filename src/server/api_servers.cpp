#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "server/api.hpp"

#include <chrono>
#include <utility>

namespace vsim::server {

namespace {

constexpr std::size_t most_imported = 100; // in one call

// An import row sets less than a create request.
proto::server_fields importable(proto::server_fields row) {
    row.url.clear();
    row.group_id.clear();
    row.sale_status.clear();
    row.sale_contact_url.clear();
    return row;
}

net::http_response not_saved() {
    return error_reply(500, "Failed to save");
}

std::vector<proto::server_object> objects_of(const entry_list& entries) {
    std::vector<proto::server_object> objects;
    objects.reserve(entries.size());
    for (const auto& entry : entries) {
        objects.push_back(entry->object());
    }
    return objects;
}

} // namespace

net::task<net::http_response> api::list_servers(call) {
    const auto all = p_.servers.all();
    co_return json_reply(200, proto::to_json(objects_of(*all)));
}

net::task<entry_list> api::add(std::vector<proto::server_fields> wanted) {
    auto added = p_.servers.add(std::move(wanted));
    std::vector<job> jobs;
    for (const auto& entry : added) {
        auto form = entry->saved_form();
        form.is_new = true;
        jobs.emplace_back(std::move(form));
    }
    // An id that was handed out survives the end of this process.
    const auto saved = co_await p_.rows.commit(std::move(jobs));
    if (!saved) {
        for (const auto& entry : added) {
            p_.servers.remove(*entry->id);
        }
        added.clear();
    }
    co_return added;
}

net::task_result<> api::commit(job j) {
    std::vector<job> jobs;
    jobs.push_back(std::move(j));
    co_return co_await p_.rows.commit(std::move(jobs));
}

net::task<net::http_response> api::create_server(call c) {
    auto fields = proto::decode<proto::server_fields>(c.request.body);
    if (!fields) {
        co_return bad_request();
    }
    std::vector<proto::server_fields> wanted;
    wanted.push_back(std::move(*fields));
    const auto added = co_await add(std::move(wanted));
    if (added.empty()) {
        co_return not_saved();
    }
    co_return json_reply(200, proto::to_json(added.front()->object()));
}

net::task<net::http_response> api::import_servers(call c) {
    auto rows = proto::decode<std::vector<proto::server_fields>>(c.request.body);
    if (!rows) {
        co_return error_reply(400, "Invalid JSON format");
    }
    if (rows->empty()) {
        co_return error_reply(400, "No servers to import");
    }
    if (rows->size() > most_imported) {
        co_return error_reply(400, "Maximum 100 servers per import");
    }
    proto::import_reply reply;
    std::vector<proto::server_fields> wanted;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        if ((*rows)[i].name.empty()) {
            reply.errors.push_back("Row " + std::to_string(i + 1) + ": name is required");
        } else {
            wanted.push_back(importable(std::move((*rows)[i])));
        }
    }
    const bool has_any = !wanted.empty();
    const auto added = co_await add(std::move(wanted));
    if (has_any && added.empty()) {
        co_return not_saved();
    }
    for (const auto& entry : added) {
        reply.server_ids.push_back(*entry->id);
    }
    reply.success = static_cast<std::int64_t>(reply.server_ids.size());
    reply.failed = static_cast<std::int64_t>(reply.errors.size());
    co_return json_reply(200, proto::to_json(reply));
}

net::task<net::http_response> api::export_servers(call c) {
    const auto all = p_.servers.all();
    auto objects = objects_of(*all);
    if (c.where.value("include_tokens") != "true") {
        for (auto& object : objects) {
            object.token.clear();
        }
    }
    std::string body = R"({"servers":)" + proto::to_json(objects) + R"(,"exported_at":")";
    body += util::format_rfc3339(std::chrono::system_clock::now());
    body += R"(","count":)" + std::to_string(objects.size()) + '}';
    co_return json_reply(200, std::move(body));
}

net::task<net::http_response> api::change_server(call c) {
    const auto patch = proto::decode<proto::server_patch>(c.request.body);
    if (!patch) {
        co_return bad_request();
    }
    const auto entry = p_.servers.find(c.values.front());
    if (!entry) {
        co_return error_reply(404, "Server not found");
    }
    entry->patch(*patch);
    job j{entry->saved_form()};
    const auto saved = co_await commit(std::move(j));
    if (!saved) {
        co_return not_saved();
    }
    co_return json_reply(200, proto::to_json(entry->object()));
}

net::task<net::http_response> api::delete_server(call c) {
    // Its agent stays connected and its history readable.
    if (p_.servers.remove(c.values.front())) {
        job j{remove_server_job{c.values.front()}};
        const auto saved = co_await commit(std::move(j));
        if (!saved) {
            co_return not_saved();
        }
    }
    co_return empty_reply(200);
}

net::task<net::http_response> api::update_agent(call c) {
    // A body that is none counts as an empty one.
    const auto wanted = proto::decode<proto::update_request>(c.request.body);
    proto::command_push command;
    command.command = "update";
    if (wanted) {
        command.download_url = wanted->download_url;
        command.force = wanted->force;
    }
    auto text = std::make_shared<const std::string>(proto::to_json(command));
    proto::update_reply reply;
    switch (p_.connected.tell(c.values.front(), text)) {
    case delivery::queued:
        reply = {true, "Update command sent to agent"};
        break;
    case delivery::not_connected:
        reply = {false, "Agent is not connected"};
        break;
    case delivery::full:
        reply = {false, "Failed to send update command"};
        break;
    }
    co_return json_reply(200, proto::to_json(reply));
}

net::task<net::http_response> api::register_agent(call c) {
    auto request = proto::decode<proto::register_request>(c.request.body);
    if (!request) {
        co_return bad_request();
    }
    proto::server_fields fields;
    fields.name = std::move(request->name);
    fields.location = std::move(request->location);
    fields.provider = std::move(request->provider);
    std::vector<proto::server_fields> wanted;
    wanted.push_back(std::move(fields));
    const auto added = co_await add(std::move(wanted));
    if (added.empty()) {
        co_return not_saved();
    }
    const auto& made = *added.front();
    co_return json_reply(200, proto::to_json(proto::register_reply{*made.id, made.token}));
}

net::task<net::http_response> api::local_metrics(call) {
    co_return json_reply(
        501,
        R"({"error":"Local metrics collection is not available",)"
        R"("message":"Please install an agent to report metrics"})"
    );
}

net::task<net::http_response> api::all_metrics(call) {
    const auto all = p_.servers.all();
    if (all->empty()) {
        co_return json_reply(200, "null");
    }
    const auto now = std::chrono::steady_clock::now();
    std::string body = "[";
    for (const auto& entry : *all) {
        const auto live = entry->live(now);
        proto::encode(body, view_of(*entry, live.metrics, live.online));
        body += ',';
    }
    body.back() = ']';
    co_return json_reply(200, std::move(body));
}

net::task<net::http_response> api::history(call c) {
    history_query q;
    q.server_id = c.values.front();
    q.range = c.where.value("range", "24h");
    q.type = c.where.value("type", "all");
    q.since = c.where.number("since");
    const auto now = util::unix_seconds(std::chrono::system_clock::now());
    auto body = co_await p_.reads.history(std::move(q), now);
    if (!body) {
        co_return error_reply(500, "Failed to fetch history");
    }
    co_return json_reply(200, std::move(*body));
}

net::task<net::http_response> api::online_users(call) {
    proto::online_users_reply reply;
    reply.count = static_cast<std::int64_t>(p_.viewers.online_users());
    co_return json_reply(200, proto::to_json(reply));
}

} // namespace vsim::server
