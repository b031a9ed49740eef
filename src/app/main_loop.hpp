#pragma once
// The main thread while a command works: waits for signals, ticks for the progress display, and
// ends the process at the second signal. Only one at a time; call it from the main thread.

#include "net/pool.hpp"
#include "net/task.hpp"
#include "util/clock.hpp"

#include <functional>

namespace vsim::app {

// SIGINT, SIGTERM and SIGHUP wait for run_main_loop() from now on, in this thread and those it
// starts; SIGPIPE becomes an error of the write. Call it before any thread is started.
void hold_signals();

struct main_loop_hooks {
    std::function<void()> on_tick = [] {};     // about ten times a second
    std::function<void()> on_stop = [] {};     // the first signal; must make `work` end soon
    std::function<void()> before_exit = [] {}; // the second: what must not be left behind
    bool holds_on = false; // signals stay held afterwards: there is more to come
};

// Sleeps; true: a signal ended it. Precondition: hold_signals().
bool rest_until_signal(util::nanoseconds length);

// Runs `work` on the pool until it ends; signals have their usual effect from then on, unless there
// is more to come.
// Precondition: hold_signals().
void run_main_loop(net::pool& p, net::task<> work, const main_loop_hooks& hooks);

} // namespace vsim::app
