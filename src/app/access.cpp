#include "app/access.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace vsim::app {
namespace {

// Beyond that, samples fall into other buckets than the server's clock says.
constexpr auto tolerated_offset = std::chrono::seconds{2};

void judge_clock(const std::optional<util::nanoseconds>& offset) {
    if (!offset || std::chrono::abs(*offset) <= tolerated_offset) {
        return;
    }
    spdlog::warn(
        "the server's clock is {} {} ours: recent data will seem {}; set both clocks (timedatectl "
        "set-ntp true)",
        util::format_duration(std::chrono::abs(*offset)),
        offset->count() > 0 ? "ahead of" : "behind",
        offset->count() > 0 ? "old" : "to come from the future"
    );
}

} // namespace

util::result<net::endpoint> endpoint_of(const access_config& access) {
    net::endpoint to;
    to.url = access.server;
    if (to.url.tls) {
        auto context = net::tls_context::client({!access.insecure, access.ca_file});
        if (!context) {
            return context.error();
        }
        to.tls = *std::move(context);
    }
    return to;
}

exit_code exit_code_of(const util::error& e) {
    switch (e.code) {
    case util::errc::auth:
        return exit_code::auth;
    case util::errc::bad_input:
        return exit_code::usage;
    default:
        return exit_code::failed;
    }
}

net::task_result<> open_admin(fleet::admin& a, std::optional<credentials> who) {
    const auto server = co_await a.identify();
    if (!server) {
        co_return server.error();
    }
    spdlog::debug("the server's version is {}", server->version);
    judge_clock(server->clock_offset);
    if (!who) {
        co_return util::result<void>{};
    }
    if (who->what == credentials::kind::password) {
        const auto token = co_await a.log_in(who->value.reveal());
        if (!token) {
            co_return token.error();
        }
        co_return util::result<void>{};
    }
    co_return co_await a.verify_token();
}

net::task<> rest(net::ticker& t, util::nanoseconds d) {
    co_await t.sleep_until(std::chrono::steady_clock::now() + d);
}

} // namespace vsim::app
