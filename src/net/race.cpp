#include "net/race.hpp"

#include "net/waiter.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <exception>
#include <optional>
#include <utility>

namespace vsim::net {

namespace {

struct contest {
    std::array<asio::cancellation_signal, 2> signals;
    std::array<std::exception_ptr, 2> failures;
    std::array<bool, 2> has_ended{};
    std::optional<std::size_t> winner;
    std::optional<waiter> finish;

    void cancel(std::size_t i) {
        if (!has_ended[i]) {
            signals[i].emit(asio::cancellation_type::terminal);
        }
    }

    void end(std::size_t i, std::exception_ptr failure) {
        has_ended[i] = true;
        failures[i] = std::move(failure);
        if (!winner) {
            winner = i;
            cancel(1 - i);
            return;
        }
        resume(std::move(*finish));
    }
};

void start(const asio::any_io_executor& where, contest& c, std::size_t i, task<> t) {
    auto on_end = [&c, i](std::exception_ptr failure) { c.end(i, std::move(failure)); };
    asio::co_spawn(
        where, std::move(t), asio::bind_cancellation_slot(c.signals[i].slot(), std::move(on_end))
    );
}

void rethrow_unless_aborted(const std::exception_ptr& failure) {
    if (!failure) {
        return;
    }
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) {
            throw;
        }
    }
}

} // namespace

task<std::size_t> race(task<> a, task<> b) {
    const auto where = co_await asio::this_coro::executor;
    contest c; // outlives both: we leave only when both have ended
    // co_spawn never calls its handler from inside itself, so `finish` is set before any end.
    auto run = [&](waiter w) {
        auto slot = asio::get_associated_cancellation_slot(w);
        if (slot.is_connected()) {
            slot.assign([&c](asio::cancellation_type) {
                c.cancel(0);
                c.cancel(1);
            });
        }
        c.finish.emplace(std::move(w));
        start(where, c, 0, std::move(a));
        start(where, c, 1, std::move(b));
    };
    auto both = wait_for(std::move(run));
    co_await std::move(both);
    rethrow_unless_aborted(c.failures[0]);
    rethrow_unless_aborted(c.failures[1]);
    co_return *c.winner;
}

} // namespace vsim::net
