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

websocket::websocket(std::shared_ptr<ws_link> link) : link_{std::move(link)} {}
websocket::~websocket() {
    if (link_) {
        link_->abort();
    }
}
websocket::websocket(websocket&&) noexcept = default;
websocket& websocket::operator=(websocket&& other) noexcept {
    std::swap(link_, other.link_);
    return *this;
}

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
    co_return websocket{std::make_shared<ws_link>(
        std::move(*s), endpoint_role::client, message_limit, std::move(*early)
    )};
}

task_result<>
websocket::send_text(std::string_view payload, bool last, util::steady_time deadline) {
    return link_->send_text(payload, last, deadline);
}

task_result<> websocket::send_ping(std::string_view payload, util::steady_time deadline) {
    return link_->send(opcode::ping, payload, true, deadline);
}

task_result<incoming> websocket::receive(util::steady_time deadline) {
    return link_->receive(deadline);
}

task<> websocket::close(std::uint16_t code, util::steady_time deadline) {
    return link_->close(code, deadline);
}

util::result<bool> websocket::offer_text(std::string_view payload) {
    return link_->offer(opcode::text, payload);
}

util::result<bool> websocket::offer_text(std::string_view payload, std::string_view ping) {
    return link_->offer_text(payload, ping);
}

bool websocket::has_unsent() const {
    return link_->has_unsent();
}

task_result<> websocket::flush(util::steady_time deadline) {
    return link_->flush(deadline);
}

util::result<std::optional<incoming>> websocket::poll() {
    return link_->poll();
}

task<wake> websocket::sleep_until(ticker& t, util::steady_time due) {
    return link_->sleep_until(t, due);
}

void websocket::limit_receive_buffer() {
    link_->limit_receive_buffer();
}

void websocket::abort() {
    link_->abort();
}

} // namespace vsim::net
