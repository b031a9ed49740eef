#pragma once
// Sleep for the many: due times are rounded up to a tick and all that is due in a tick is served in
// one wake-up, by the thread that woke up (design.md 5). A sleeper costs no timer; its place in the
// wheel is in its own coroutine frame. Thread-safe.

#include "net/task.hpp"

#include <cstddef>
#include <memory>

namespace vsim::net {

class pool;

enum class wake { due, stopped, interrupted };

// Ends somebody's sleep early. Used on the sleeper's executor only; outlives the sleep.
class interrupter {
public:
    // The sleeper, if there is one, goes on inside this call.
    void interrupt();

private:
    friend struct sleeper;
    struct sleeper* asleep_ = nullptr;
};

class ticker {
public:
    // `home` runs the wheel; sleepers resume on their own executor, which must be serial. A sleeper
    // that is due goes on inside the wheel's own handler, if its executor allows.
    explicit ticker(asio::any_io_executor home, util::milliseconds tick = util::milliseconds{5});
    // A wheel for each context of the pool, so that none of its threads has to wake another.
    explicit ticker(const pool& p, util::milliseconds tick = util::milliseconds{5});
    ~ticker(); // asserts that nobody sleeps
    ticker(const ticker&) = delete;
    ticker& operator=(const ticker&) = delete;

    // Resumes at the first tick at or after `due`, at once if that has passed; or as soon as stop()
    // is called, also if it was called before. Terminal cancellation resumes it with an exception.
    task<wake> sleep_until(util::steady_time due);
    // The same, unless `by` ends it earlier. At most one sleep at a time through one interrupter.
    task<wake> sleep_until(util::steady_time due, interrupter& by);

    // Wakes every sleeper, now and from now on.
    void stop();
    bool is_stopped() const;

    std::size_t sleepers() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
