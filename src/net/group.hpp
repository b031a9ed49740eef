#pragma once
// A task group: spawn, drain, cancel. The only place where a coroutine is detached from its caller;
// a group outlives its tasks (asserted). An exception that leaves a task is a bug of ours: it ends
// the program through the executor's thread. Thread-safe.

#include "net/task.hpp"

#include <cstddef>
#include <memory>

namespace vsim::net {

class group {
public:
    explicit group(asio::any_io_executor home);
    ~group(); // asserts that size() == 0
    group(const group&) = delete;
    group& operator=(const group&) = delete;

    // Starts `t` on `where`. Parameters of the coroutine behind `t` are held by value (style.md).
    void spawn(asio::any_io_executor where, task<> t);

    std::size_t size() const; // running tasks
    // Waits until none runs.
    task<> drain();
    // Asks every running task to end at its current co_await (terminal cancellation).
    void cancel();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
