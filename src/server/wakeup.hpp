#pragma once
// A coroutine waits here for somebody on another thread. Remembers one firing: a wait() that comes
// after it returns at once, and takes it.

#include "net/task.hpp"

#include <memory>

namespace vsim::server {

class wakeup {
public:
    // `where` is the serial executor of the coroutine that waits.
    explicit wakeup(net::asio::any_io_executor where);

    // Thread-safe.
    void fire() const;
    // The same, giving up this reference: nothing of it is left here when the waiter goes on, which
    // may end its context. Only destruction may follow.
    void fire_last();
    // Thread-bound to `where`; one waiter at a time. Not cancellable: somebody fires in the end.
    net::task<> wait();

private:
    struct impl;
    static void post(std::shared_ptr<impl> to);

    std::shared_ptr<impl> impl_; // outlives a firing that is still under way
};

} // namespace vsim::server
