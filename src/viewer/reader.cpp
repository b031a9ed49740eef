#include "viewer/reader.hpp"

#include "net/http.hpp"
#include "net/race.hpp"
#include "proto/decode.hpp"

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace vsim::viewer {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

constexpr auto deadline = 30s; // of one answer

util::steady_time now() {
    return std::chrono::steady_clock::now();
}

std::string target_of(const wish& w, const watched_fleet& fleet) {
    switch (w.what) {
    case wish::kind::version:
        return "/api/version";
    case wish::kind::online_users:
        return "/api/online-users";
    case wish::kind::history:
        break;
    }
    return "/api/history/" + fleet.id(w.agent) + "?" + w.query;
}

template <class Reply>
util::result<void> check(const std::string& body) {
    const auto reply = proto::decode<Reply>(body);
    return reply ? util::result<void>{} : reply.error();
}

util::result<void> check_answer(const wish& w, const net::http_response& r) {
    if (r.status != 200) {
        return util::make_error(util::errc::protocol, "HTTP status " + std::to_string(r.status));
    }
    switch (w.what) {
    case wish::kind::version:
        return check<proto::version_reply>(r.body);
    case wish::kind::online_users:
        return check<proto::online_users_reply>(r.body);
    case wish::kind::history:
        break;
    }
    return check<proto::history_reply>(r.body);
}

net::task<> read_on(const surroundings& s, const watched_fleet& fleet, browsing what) {
    const auto where = co_await net::asio::this_coro::executor;
    net::http_client client{where, s.server};
    const auto began = now();
    for (;;) {
        const auto w = what.next();
        const auto due = began + w.at;
        const auto woken = co_await s.pace->sleep_until(due);
        if (woken == net::wake::stopped) {
            co_return;
        }
        net::http_request request;
        request.target = target_of(w, fleet);
        const auto asked = request.target;
        auto answer = co_await client.send(std::move(request), now() + deadline);
        const auto took = now() - due;
        const auto is_right = answer ? check_answer(w, *answer) : answer.error();
        if (!is_right) {
            const auto& e = is_right.error();
            if (e.code != util::errc::cancelled) {
                s.counts->error(
                    std::string{"reader."}.append(util::name(e.code)), asked + ": " + e.message
                );
            }
        } else if (w.what == wish::kind::history) {
            s.counts->record(latency::history_read, took);
            s.counts->add(counter::history_reads);
            s.counts->add(counter::history_read_bytes, answer->body.size());
        }
    }
}

} // namespace

net::task<> read_histories(const surroundings& s, const watched_fleet& fleet, browsing what) {
    co_await net::race(read_on(s, fleet, std::move(what)), until_stopped(s));
}

} // namespace vsim::viewer
