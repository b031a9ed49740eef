#include "net/websocket.hpp"

#include "net/connect.hpp"
#include "net/handshake.hpp"
#include "net/link.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace vsim::net {

namespace {
constexpr std::uint64_t message_limit = 64 * 1024 * 1024;
}

struct websocket::impl : ws_link {
    using ws_link::ws_link;
};

websocket::websocket(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
websocket::~websocket() = default;
websocket::websocket(websocket&&) noexcept = default;
websocket& websocket::operator=(websocket&&) noexcept = default;

task_result<websocket>
websocket::connect(endpoint to, std::string path, util::steady_time deadline) {
    const auto where = co_await asio::this_coro::executor;
    const auto peer = to.url.authority();
    const auto target = to.url.path + path;
    auto s = co_await open_stream(where, to, deadline);
    if (!s) {
        co_return s.error();
    }
    auto early = co_await request_upgrade(*s, peer, target, deadline);
    if (!early) {
        co_return early.error();
    }
    co_return websocket{std::make_unique<impl>(
        std::move(*s), endpoint_role::client, message_limit, std::move(*early)
    )};
}

task_result<>
websocket::send_text(std::string_view payload, bool last, util::steady_time deadline) {
    return impl_->send_text(payload, last, deadline);
}

task_result<> websocket::send_ping(std::string_view payload, util::steady_time deadline) {
    return impl_->send(opcode::ping, payload, true, deadline);
}

task_result<incoming> websocket::receive(util::steady_time deadline) {
    return impl_->receive(deadline);
}

task<> websocket::close(std::uint16_t code, util::steady_time deadline) {
    return impl_->close(code, deadline);
}

void websocket::abort() {
    impl_->abort();
}

} // namespace vsim::net
