#pragma once
// A task group: spawn, drain, cancel. The only place where a coroutine is detached from its caller;
// a group outlives its tasks (asserted). An exception that leaves a task is a bug of ours: it is
// printed and ends the program; only operation_aborted after cancel() is a normal end. Thread-safe.

#include "net/task.hpp"

#include <cstddef>
#include <memory>

namespace vsim::net {

class group {
public:
    // `home` runs the tasks that name no executor of their own.
    explicit group(asio::any_io_executor home);
    ~group(); // asserts that size() == 0
    group(const group&) = delete;
    group& operator=(const group&) = delete;

    // Starts `t` on `where`, a serial executor. Parameters of the coroutine behind `t` are held by
    // value (style.md).
    void spawn(asio::any_io_executor where, task<> t);
    void spawn(task<> t); // on home

    std::size_t size() const; // running tasks
    // Waits until none runs; not cut short by cancellation, since tasks may use what the caller
    // owns. A caller that may itself be cancelled says this_coro::throw_if_cancelled(false) first.
    task<> drain();
    // Asks every running task to end at its current co_await (terminal cancellation). Tasks spawned
    // later are not concerned.
    void cancel();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
