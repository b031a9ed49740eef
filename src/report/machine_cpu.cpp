#include "report/machine_cpu.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <string>

namespace vsim::report {
namespace {

// The columns behind "cpu" (proc_stat(5)); time of guests is in `user` and `nice` already.
enum column : std::size_t { user, nice, system_, idle, iowait, irq, softirq, steal, columns };

} // namespace

std::optional<machine_cpu> machine_cpu::parse(std::string_view stat) {
    constexpr std::string_view head = "cpu ";
    if (!stat.starts_with(head)) {
        return std::nullopt;
    }
    std::array<std::uint64_t, columns> ticks{};
    const auto* at = stat.data() + head.size();
    const auto* const end = stat.data() + stat.size();
    for (auto& t : ticks) {
        while (at != end && *at == ' ') {
            ++at;
        }
        const auto [next, failed] = std::from_chars(at, end, t);
        if (failed != std::errc{}) {
            return std::nullopt;
        }
        at = next;
    }
    machine_cpu m;
    for (const auto t : ticks) {
        m.total += t;
    }
    m.steal = ticks[column::steal];
    m.busy = m.total - ticks[idle] - ticks[iowait] - m.steal;
    return m;
}

std::optional<machine_cpu> machine_cpu::now() {
    std::ifstream file{"/proc/stat"};
    std::string line;
    std::getline(file, line);
    return parse(line);
}

std::optional<machine_use>
use_between(const std::optional<machine_cpu>& earlier, const std::optional<machine_cpu>& later) {
    if (!earlier || !later || later->total <= earlier->total) {
        return std::nullopt;
    }
    const auto all = static_cast<double>(later->total - earlier->total);
    // The kernel's counts of a core may go back a little.
    const auto share = [&](std::uint64_t from, std::uint64_t to) {
        return to > from ? 100 * static_cast<double>(to - from) / all : 0;
    };
    return machine_use{share(earlier->busy, later->busy), share(earlier->steal, later->steal)};
}

} // namespace vsim::report
