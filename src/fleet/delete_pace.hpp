#pragma once
// When to rest between deletes. The real server saves its configuration 5 s after a first change
// (protocol.md 1.3) and does not hold its lock while it does: a delete that shifts the list
// meanwhile crashes it. So deletes come in spans that end before the save and are followed by a
// rest that outlasts it.
// Sans I/O; thread-bound.

#include "util/clock.hpp"

#include <optional>

namespace vsim::fleet {

class delete_pace {
public:
    // So few are deleted before the save of an earlier change can get into their way.
    static constexpr std::size_t few_servers = 100;
    // After a first change, the save it caused is over, on a machine that is not overloaded.
    static constexpr util::seconds save_is_over{7};

    // How long to wait at `now` before the next delete, which is taken to follow then.
    util::nanoseconds rest_before_next(util::steady_time now);

private:
    std::optional<util::steady_time> first_; // delete of the span
};

} // namespace vsim::fleet
