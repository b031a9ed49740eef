#include "server/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

struct wakeup::impl {
    explicit impl(asio::any_io_executor where)
        : timer{std::move(where), asio::steady_timer::time_point::max()} {}

    asio::steady_timer timer;
    bool fired = false;
};

wakeup::wakeup(asio::any_io_executor where) : impl_{std::make_shared<impl>(std::move(where))} {}

void wakeup::fire() const {
    post(impl_);
}

void wakeup::fire_last() {
    post(std::exchange(impl_, nullptr));
}

void wakeup::post(std::shared_ptr<impl> to) {
    const auto where = to->timer.get_executor();
    asio::post(where, [self = std::move(to)] {
        self->fired = true;
        self->timer.cancel();
    });
}

net::task<> wakeup::wait() {
    const auto self = impl_;
    while (!self->fired) {
        co_await self->timer.async_wait(asio::bind_cancellation_slot(
            asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable)
        ));
    }
    self->fired = false;
}

} // namespace vsim::server
