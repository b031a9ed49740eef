#include "app/live_display.hpp"

#include "app/log.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace vsim::app {
namespace {

report::progress_display::output output_for(const console_config& c) {
    const auto traits = output_traits::of(STDERR_FILENO);
    auto out = report::progress_display::of_process(
        traits.is_terminal && !traits.dumb, wants_color(c, traits)
    );
    if (!out.is_terminal && c.format == log_format::json) {
        out.write = [](std::string_view line) { spdlog::info(line.substr(0, line.find('\n'))); };
    }
    return out;
}

} // namespace

live_display::live_display(const console_config& c) : live_display{c, output_for(c)} {}

live_display::live_display(const console_config& c, report::progress_display::output out)
    : is_quiet_{c.quiet}, takes_log_{out.is_terminal}, display_{std::move(out)} {
    if (takes_log_) {
        redirect_log([this](std::string_view line) { display_.print_above(line); });
    }
}

live_display::~live_display() {
    leave();
    if (takes_log_) {
        redirect_log({});
    }
}

void live_display::show(run_monitor& what) {
    if (!is_quiet_) {
        const auto now = std::chrono::steady_clock::now();
        display_.update(what.state(now), now);
    }
}

void live_display::leave() {
    display_.finish();
}

} // namespace vsim::app
