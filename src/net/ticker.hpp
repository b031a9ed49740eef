#pragma once
// Sleep for the many: due times are rounded up to a tick and all that is due in a tick is served in
// one wake-up, which is what makes a paced fleet cheap (design.md 5). Thread-safe.

#include "net/task.hpp"

#include <memory>

namespace vsim::net {

enum class wake { due, stopped };

class ticker {
public:
    // `home` runs the wheel; sleepers resume on their own executor.
    ticker(asio::any_io_executor home, util::milliseconds tick = util::milliseconds{5});
    ~ticker();
    ticker(const ticker&) = delete;
    ticker& operator=(const ticker&) = delete;

    // Resumes at the first tick at or after `due`, at once if that has passed; or as soon as stop()
    // is called, also if it was called before. Terminal cancellation resumes it with an exception.
    task<wake> sleep_until(util::steady_time due);

    // Wakes every sleeper, now and from now on.
    void stop();
    bool is_stopped() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
