#pragma once
// The progress display of a command on stderr, with the log lines above it, for as long as it
// lives. From the main thread. Where stderr is no terminal and logs are JSON, progress is a log
// line.

#include "app/config.hpp"
#include "app/run_monitor.hpp"
#include "report/progress_display.hpp"

namespace vsim::app {

class live_display {
public:
    explicit live_display(const console_config& c);
    ~live_display(); // leaves the last state standing
    live_display(const live_display&) = delete;
    live_display& operator=(const live_display&) = delete;

    void show(run_monitor& what); // nothing with --quiet
    void leave();                 // the last state stays, and nothing more is shown

private:
    live_display(const console_config& c, report::progress_display::output out);

    bool is_quiet_;
    bool takes_log_; // only a terminal has lines that must not be disturbed
    report::progress_display display_;
};

} // namespace vsim::app
