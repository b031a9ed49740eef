#pragma once
// What all cores of the machine have done since it was started, as /proc/stat tells it: whose load
// it was nobody knows. In a container it may be that of the host. Reentrant.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vsim::report {

struct machine_cpu { // in ticks of the kernel
    std::uint64_t busy = 0;
    std::uint64_t steal = 0; // other machines that share the hardware had the core
    std::uint64_t total = 0;

    static std::optional<machine_cpu> now();                        // absent: not told
    static std::optional<machine_cpu> parse(std::string_view stat); // the beginning of /proc/stat
};

struct machine_use { // in percent of all cores
    double busy_pct = 0;
    double steal_pct = 0;
};
// Absent: no time has passed between the two, or one of them is.
std::optional<machine_use>
use_between(const std::optional<machine_cpu>& earlier, const std::optional<machine_cpu>& later);

} // namespace vsim::report
