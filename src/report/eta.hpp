#pragma once
// How fast something goes and when it will be done, steady enough to be read: the speed is that of
// the last seconds, the end that it points to is approached, not jumped to. Thread-bound.

#include "util/clock.hpp"

#include <cstdint>
#include <optional>

namespace vsim::report {

class eta {
public:
    // `done` things after `elapsed`; both grow. `total` 0: not known.
    void see(std::uint64_t done, std::uint64_t total, util::nanoseconds elapsed);

    double speed() const { return seconds_ > 0 ? gained_ / seconds_ : 0; } // things a second
    // Absent while nobody can know: too early, nothing done lately, more done than expected.
    std::optional<util::nanoseconds> remaining() const;
    util::nanoseconds idle() const { return last_at_ - changed_at_; } // since something was done

private:
    std::uint64_t last_ = 0;
    util::nanoseconds last_at_{0};
    util::nanoseconds changed_at_{0};
    double gained_ = 0;           // lately, and
    double seconds_ = 0;          // in how long: both fade
    std::optional<double> end_{}; // seconds since the beginning
};

} // namespace vsim::report
