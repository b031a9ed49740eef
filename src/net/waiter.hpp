#pragma once
// Internal to net: a coroutine that waits for something other than I/O, as the handler Asio made of
// it. Thread-safe.

#include "net/task.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace vsim::net {

using waiter_token = asio::use_awaitable_t<>;
using waiter = asio::async_result<waiter_token, void()>::handler_type;

// Goes on, on the waiter's own executor.
inline void resume(waiter w) {
    const auto where = w.get_executor();
    asio::post(where, std::move(w));
}

// Waits until what `enlist` did with the handler resumes it.
template <class Enlist>
task<> wait_for(Enlist enlist) {
    waiter_token token;
    return asio::async_initiate<waiter_token, void()>(std::move(enlist), token);
}

} // namespace vsim::net
