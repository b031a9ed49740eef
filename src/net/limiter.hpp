#pragma once
// At most so many at a time: whoever comes when all places are taken waits, first come, first
// served. Thread-safe; waiters resume on their own executor.

#include "net/task.hpp"

#include <cstddef>
#include <memory>

namespace vsim::net {

class limiter {
public:
    explicit limiter(std::size_t places); // at least 1
    ~limiter();                           // asserts that nobody waits
    limiter(const limiter&) = delete;
    limiter& operator=(const limiter&) = delete;

    // Resumes with a place, which leave() gives back. Not cut short by cancellation.
    task<> enter();
    void leave();
    // Resumes when no place is taken.
    task<> wait_until_empty();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace vsim::net
