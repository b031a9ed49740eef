#pragma once
// The coroutine type of this program and the two ways of waiting on it.

#include "util/clock.hpp"
#include "util/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace vsim::net {

namespace asio = boost::asio;

template <class T = void>
using task = asio::awaitable<T>;

template <class T = void>
using task_result = asio::awaitable<util::result<T>>;

} // namespace vsim::net
