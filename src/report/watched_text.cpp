#include "report/watched_text.hpp"

#include "report/units.hpp"

#include <fmt/format.h>

namespace vsim::report {
namespace {

std::string size(std::uint64_t bytes) {
    return bytes_text(static_cast<double>(bytes));
}

} // namespace

std::vector<std::pair<std::string, std::string>> entries_of(const watched_process& p) {
    std::vector<std::pair<std::string, std::string>> entries;
    entries.emplace_back(
        "process",
        fmt::format("{}, pid {}{}", p.name, p.pid, p.has_ended ? ", ended before the run did" : "")
    );
    auto cpu = seconds_text(p.cpu);
    if (p.cpu_live.count() > 0) {
        cpu += fmt::format(", {} of it from ramp to drain", seconds_text(p.cpu_live));
    }
    if (p.cpu_us_per_message) {
        cpu += fmt::format(": {:.1f} µs a message", *p.cpu_us_per_message);
    }
    entries.emplace_back("CPU time", cpu);
    auto memory =
        fmt::format("{} at most, {} before", size(p.rss_peak_bytes), size(p.rss_start_bytes));
    if (p.rss_per_agent_bytes) {
        memory += fmt::format(": {} an agent", size(*p.rss_per_agent_bytes));
    }
    entries.emplace_back("memory", memory);
    entries.emplace_back("threads", grouped(p.threads_peak) + " at most");
    if (p.fds_peak) {
        entries.emplace_back("open files", grouped(*p.fds_peak) + " at most");
    }
    if (p.read_bytes && p.written_bytes) {
        entries.emplace_back(
            "disk", fmt::format("{} read, {} written", size(*p.read_bytes), size(*p.written_bytes))
        );
    }
    return entries;
}

} // namespace vsim::report
