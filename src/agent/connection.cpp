#include "agent/connection.hpp"

#include "model/machine.hpp"
#include "net/race.hpp"
#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "util/text.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace vsim::agent {

namespace {

using stats::counter;
using stats::latency;
using util::errc;
using util::make_error;

const std::string path = "/ws/agent";
constexpr std::string_view goodbye_payload = "fence";
// The last aggregates of a fleet: all agents send them at once.
constexpr std::chrono::seconds fence_deadline{60};

util::steady_time now() {
    return std::chrono::steady_clock::now();
}

std::string auth_text(const identity& who) {
    proto::auth_request request;
    request.server_id = who.id;
    request.token = who.token;
    request.version = model::agent_version;
    return proto::to_json(request);
}

net::endpoint endpoint_of(const surroundings& s, const identity& who) {
    auto to = s.server;
    if (!s.sources.empty()) {
        to.source_ip = s.sources.nth(who.index % s.sources.count());
    }
    return to;
}

// The reply, whatever else the server says first.
net::task_result<proto::auth_reply>
authenticate(const surroundings& s, const identity& who, net::websocket& link) {
    const auto began = now();
    const auto deadline = began + auth_deadline;
    const auto text = auth_text(who);
    const auto sent = co_await link.send_text(text, true, deadline);
    if (!sent) {
        co_return sent.error();
    }
    for (;;) {
        const auto in = co_await link.receive(deadline);
        if (!in) {
            co_return in.error();
        }
        if (in->what == net::incoming::kind::closed) {
            co_return make_error(
                errc::closed, "the server closed the connection instead of an answer to auth"
            );
        }
        if (in->what != net::incoming::kind::message) {
            continue;
        }
        auto message = read_message(s, in->payload);
        auto* reply = message ? std::get_if<proto::auth_reply>(&*message) : nullptr;
        if (reply == nullptr) {
            continue;
        }
        if (!reply->ok()) {
            const auto why = util::one_line(reply->message, who.token);
            co_return make_error(errc::auth, "auth refused: " + why);
        }
        s.counts->record(latency::auth, now() - began);
        co_return std::move(*reply);
    }
}

net::task<> attempt(
    const surroundings& s, const identity& who, std::optional<util::result<joined_server>>& out
) {
    const auto began = now();
    auto to = endpoint_of(s, who);
    auto link = co_await net::websocket::connect(std::move(to), path, began + connect_deadline);
    if (!link) {
        count_error(s, who, "connect", link.error());
        out.emplace(link.error());
        co_return;
    }
    s.counts->record(latency::connect, now() - began);
    auto reply = co_await authenticate(s, who, *link);
    if (!reply) {
        count_error(s, who, "auth", reply.error());
        out.emplace(reply.error());
        co_return;
    }
    out.emplace(joined_server{std::move(*link), *std::move(reply)});
}

net::task<> until_stopped(net::ticker& pace) {
    co_await pace.sleep_until(util::steady_time::max());
}

} // namespace

net::task_result<joined_server>
join_server(const surroundings& s, const identity& who, net::ticker& until) {
    std::optional<util::result<joined_server>> outcome;
    co_await net::race(attempt(s, who, outcome), until_stopped(until));
    if (!outcome) {
        co_return make_error(errc::cancelled, "stopped");
    }
    co_return std::move(*outcome);
}

net::task_result<>
fence(net::websocket& link, const surroundings& s, std::function<void(std::string_view)> on_pong) {
    const auto deadline = now() + fence_deadline;
    const auto sent = co_await link.send_ping(goodbye_payload, deadline);
    if (!sent) {
        co_return sent.error();
    }
    for (;;) {
        const auto event = co_await link.receive(deadline);
        if (!event) {
            co_return event.error();
        }
        switch (event->what) {
        case net::incoming::kind::pong:
            if (event->payload == goodbye_payload) {
                co_return util::result<void>{};
            }
            if (on_pong) { // that of an earlier ping
                on_pong(event->payload);
            }
            break;
        case net::incoming::kind::message:
            read_message(s, event->payload);
            break;
        case net::incoming::kind::closed:
            co_return util::make_error(errc::closed, "the server closed the connection");
        }
    }
}

void count_error(
    const surroundings& s, const identity& who, std::string_view stage, const util::error& e
) {
    if (e.code == errc::cancelled) {
        return;
    }
    const auto what = e.code == errc::auth ? "refused" : util::name(e.code);
    s.counts->error(std::string{stage}.append(1, '.').append(what), who.name + ": " + e.message);
}

std::optional<proto::server_message> read_message(const surroundings& s, std::string_view text) {
    s.counts->add(counter::messages_received);
    auto message = proto::decode_server_message(text);
    if (!message || std::holds_alternative<proto::unknown_reply>(*message)) {
        s.counts->add(counter::messages_unknown);
        return std::nullopt;
    }
    return *std::move(message);
}

} // namespace vsim::agent
