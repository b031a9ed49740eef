#pragma once
// What this process has used so far and which machine it runs on, as the kernel tells it. Values
// the kernel does not give are 0 or empty. Reentrant.

#include "util/clock.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace vsim::report {

struct process_usage {
    util::nanoseconds cpu_user{0};
    util::nanoseconds cpu_system{0};
    std::uint64_t rss_bytes = 0;
    std::uint64_t rss_peak_bytes = 0;

    util::nanoseconds cpu() const { return cpu_user + cpu_system; }
    static process_usage now();
};

// What rss_peak_bytes tells from now on is of the time from now on, where the kernel allows it.
void reset_memory_peak();

// Walks /proc/self/fd: about 1 ms for 5000 descriptors.
std::uint64_t count_open_fds();

struct machine {
    std::string cpu_model;
    unsigned cores = 0; // that this process may use
    std::uint64_t memory_bytes = 0;
    std::string kernel; // "Linux 6.18.0"
    std::array<double, 3> load_average{};
    std::uint64_t fd_soft_limit = 0;
    std::uint64_t fd_hard_limit = 0;

    static machine now();
};

} // namespace vsim::report
