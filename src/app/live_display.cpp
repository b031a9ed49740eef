#include "app/live_display.hpp"

#include "app/log.hpp"

#include <chrono>
#include <unistd.h>

namespace vsim::app {

live_display::live_display(const console_config& c)
    : is_quiet_{c.quiet},
      display_{report::progress_display::of_process(wants_color(c, output_traits::of(STDERR_FILENO))
      )} {
    redirect_log([this](std::string_view line) { display_.print_above(line); });
}

live_display::~live_display() {
    display_.finish();
    redirect_log({});
}

void live_display::show(run_monitor& what) {
    if (!is_quiet_) {
        const auto now = std::chrono::steady_clock::now();
        display_.update(what.state(now), now);
    }
}

} // namespace vsim::app
