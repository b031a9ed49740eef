#include "app/run_watch.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <system_error>

namespace vsim::app {
namespace {

constexpr std::uint32_t highest_pid = 4'194'304; // the kernel's

} // namespace

binding pid_into(std::optional<std::uint32_t>& target) {
    return {
        .assign = [&target](std::string_view text) -> util::result<void> {
            std::uint32_t pid = 0;
            const auto* const end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, pid);
            if (read.ec != std::errc{} || read.ptr != end || pid == 0 || pid > highest_pid) {
                return util::make_error(
                    util::errc::bad_input,
                    fmt::format("'{}' is no process id (accepted: 1 to {})", text, highest_pid)
                );
            }
            target = pid;
            return {};
        },
        .show = [&target] { return target ? fmt::to_string(*target) : std::string{}; },
    };
}

util::result<std::unique_ptr<report::process_watch>> watch_server(const run_config& c) {
    if (!c.watch_pid) {
        return std::unique_ptr<report::process_watch>{};
    }
    auto watch = report::process_watch::begin(
        *c.watch_pid,
        std::chrono::steady_clock::now(),
        [](const std::string& text) { spdlog::warn("--watch-pid: {}", text); }
    );
    if (!watch) {
        return util::make_error(watch.error().code, "--watch-pid: " + watch.error().message);
    }
    return watch;
}

} // namespace vsim::app
