#pragma once
// The server's side of a connection without a network: what it receives is said beforehand, what
// is sent to it is kept. Thread-bound.

#include "net/listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace vsim::test {

class fake_peer final : public net::peer {
public:
    explicit fake_peer(net::asio::any_io_executor where)
        : where_{std::move(where)}, incoming_{where_, never}, outgoing_{where_, never} {}

    std::deque<std::string> script; // messages still to be received
    bool ends = false;              // after the script; else it stays open
    bool is_deaf = false;           // sending waits until let_go()
    bool is_aborted = false;
    std::vector<std::string> sent;

    void let_go() {
        is_deaf = false;
        take_one();
    }
    void take_one() { outgoing_.cancel(); } // of what is being sent

    net::task_result<std::string_view> receive() override {
        if (!script.empty() && !is_aborted) {
            current_ = std::move(script.front());
            script.pop_front();
            co_return std::string_view{current_};
        }
        if (!ends && !is_aborted) {
            co_await incoming_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
        }
        co_return util::make_error(util::errc::closed, "gone");
    }
    net::task_result<> send_text(std::string_view payload) override {
        if (is_deaf && !is_aborted) {
            co_await outgoing_.async_wait(net::asio::as_tuple(net::asio::use_awaitable));
        }
        if (is_aborted) {
            co_return util::make_error(util::errc::closed, "gone");
        }
        sent.emplace_back(payload);
        co_return util::result<void>{};
    }
    net::task<> close() override {
        abort();
        co_return;
    }
    void abort() override {
        is_aborted = true;
        incoming_.cancel();
        outgoing_.cancel();
    }
    net::asio::any_io_executor executor() override { return where_; }
    const net::http_request& request() const override { return request_; }

private:
    static constexpr auto never = net::asio::steady_timer::time_point::max();

    net::asio::any_io_executor where_;
    net::asio::steady_timer incoming_, outgoing_;
    std::string current_;
    net::http_request request_;
};

} // namespace vsim::test
