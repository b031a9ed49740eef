#pragma once
// The progress display of a command on stderr, with the log lines above it, for as long as it
// lives. From the main thread.

#include "app/config.hpp"
#include "app/run_monitor.hpp"
#include "report/progress.hpp"

namespace vsim::app {

class live_display {
public:
    explicit live_display(const console_config& c);
    ~live_display(); // leaves the last state standing
    live_display(const live_display&) = delete;
    live_display& operator=(const live_display&) = delete;

    void show(run_monitor& what); // nothing with --quiet

private:
    bool is_quiet_;
    report::progress_display display_;
};

} // namespace vsim::app
