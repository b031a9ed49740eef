#include "report/run_result.hpp"

#include <algorithm>

namespace vsim::report {

namespace {

std::uint64_t sum_of(const verification& v, std::uint64_t granularity_check::* of) {
    std::uint64_t sum = v.raw.*of;
    for (const auto& g : v.metrics) {
        sum += g.*of;
    }
    for (const auto& g : v.ping) {
        sum += g.*of;
    }
    return sum;
}

} // namespace

std::uint64_t verification::expected() const {
    return sum_of(*this, &granularity_check::expected);
}
std::uint64_t verification::found() const {
    return sum_of(*this, &granularity_check::found);
}
std::uint64_t verification::missing() const {
    return sum_of(*this, &granularity_check::missing);
}
std::uint64_t verification::altered() const {
    return sum_of(*this, &granularity_check::altered);
}
std::uint64_t verification::foreign() const {
    return sum_of(*this, &granularity_check::foreign);
}

std::string_view run_result::verdict() const {
    return passed() ? "pass" : is_invalid() ? "invalid" : "fail";
}

std::string_view run_result::headline() const {
    return passed() ? "PASS" : is_invalid() ? "INVALID" : "FAIL";
}

std::optional<util::nanoseconds> run_result::time_in(std::initializer_list<std::string_view> names
) const {
    std::optional<util::nanoseconds> sum;
    for (const auto& phase : phases) {
        if (std::ranges::find(names, phase.name) != names.end()) {
            sum = sum.value_or(util::nanoseconds{0}) + phase.took;
        }
    }
    return sum;
}

std::optional<double> run_result::cpu_us_per_message() const {
    const auto sent = stats[stats::counter::metrics_sent];
    if (sent == 0 || run.embedded || !process.cpu_live) {
        return std::nullopt;
    }
    const std::chrono::duration<double, std::micro> cpu = *process.cpu_live;
    return cpu.count() / static_cast<double>(sent);
}

std::optional<std::uint64_t> run_result::rss_per_agent_bytes() const {
    if (fleet.connected_peak == 0 || run.embedded || process.rss_start_bytes == 0 ||
        process.rss_peak_bytes < process.rss_start_bytes) {
        return std::nullopt;
    }
    return (process.rss_peak_bytes - process.rss_start_bytes) / fleet.connected_peak;
}

} // namespace vsim::report
