#pragma once
// Internal to net: a time limit for the operations on a socket. At the deadline they are cancelled;
// the awaiting coroutine then asks has_fired(). Costs nothing for the end of time. Thread-bound to
// the socket's serial executor.

#include "net/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace vsim::net {

class watchdog {
public:
    watchdog(asio::ip::tcp::socket& socket, util::steady_time deadline) {
        if (deadline == util::steady_time::max()) {
            return;
        }
        state_ =
            std::make_shared<state>(state{asio::steady_timer{socket.get_executor(), deadline}});
        state_->guarded = &socket;
        state_->timer.async_wait([s = state_](const boost::system::error_code& ec) {
            if (!ec && s->guarded != nullptr) {
                s->has_fired = true;
                boost::system::error_code ignored;
                s->guarded->cancel(ignored);
            }
        });
    }
    ~watchdog() {
        if (state_) {
            state_->guarded = nullptr; // the handler may be on its way already
            state_->timer.cancel();
        }
    }
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    bool has_fired() const { return state_ && state_->has_fired; }

private:
    struct state {
        asio::steady_timer timer;
        asio::ip::tcp::socket* guarded = nullptr;
        bool has_fired = false;
    };
    std::shared_ptr<state> state_;
};

} // namespace vsim::net
