#pragma once
// Sleep for the many: due times are rounded up to a tick and all that is due in a tick is served in
// one wake-up, which is what makes a paced fleet cheap (design.md 5). A sleeper costs no timer and
// no allocation beyond its own coroutine frame. Thread-safe.

#include "net/task.hpp"

#include <cstddef>
#include <memory>

namespace vsim::net {

enum class wake { due, stopped };

class ticker {
public:
    // `home` runs the wheel and is kept running until stop() or destruction; sleepers resume on
    // their own executor, which must be serial.
    explicit ticker(asio::any_io_executor home, util::milliseconds tick = util::milliseconds{5});
    ~ticker(); // asserts that nobody sleeps
    ticker(const ticker&) = delete;
    ticker& operator=(const ticker&) = delete;

    // Resumes at the first tick at or after `due`, at once if that has passed; or as soon as stop()
    // is called, also if it was called before. Terminal cancellation resumes it with an exception.
    task<wake> sleep_until(util::steady_time due);

    // Wakes every sleeper, now and from now on.
    void stop();
    bool is_stopped() const;

    std::size_t sleepers() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
