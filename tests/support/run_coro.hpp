#pragma once
// Runs a test's coroutine on a fresh io_context. The test fails when the coroutine throws (a
// REQUIRE included), does not end within the limit, or leaves work behind. Await into a name, then
// CHECK it.

#include "net/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <utility>

namespace vsim::test {

// Lives until the program ends: a thread that has just posted the last handler to a context may
// still be waking it up when that handler has long run, so a context must outlive its posters.
inline net::asio::io_context& lasting_context() {
    static std::list<net::asio::io_context> all;
    return all.emplace_back(1);
}

inline void run_coro(
    std::function<net::task<>()> body,
    std::chrono::steady_clock::duration limit = std::chrono::seconds{5}
) {
    auto& context = lasting_context();
    bool has_ended = false;
    std::exception_ptr failure;
    net::asio::co_spawn(context, std::move(body), [&](std::exception_ptr e) {
        has_ended = true;
        failure = std::move(e);
    });
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!has_ended && context.run_one_until(deadline) > 0) {
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    REQUIRE_MESSAGE(has_ended, "the coroutine did not end in time");
    context.run_for(std::chrono::milliseconds{200}); // handlers on their way; returns when none is
    CHECK_MESSAGE(context.stopped(), "the coroutine left work behind");
}

} // namespace vsim::test
