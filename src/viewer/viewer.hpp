#pragma once
// A dashboard page that somebody has left open: connects to /ws, shows what comes, and connects
// again a second after each end, as the real page does (protocol.md 7.5). Thread-bound.

#include "net/http.hpp"
#include "net/task.hpp"
#include "net/ticker.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"
#include "viewer/screen.hpp"

#include <atomic>
#include <cstdint>

namespace vsim::viewer {

// Pages that are connected now, and were at once. Thread-safe.
class attendance {
public:
    void come() {
        const auto now = ++now_;
        for (auto most = most_.load(); now > most && !most_.compare_exchange_weak(most, now);) {
        }
    }
    void go() { --now_; }
    std::uint32_t most() const { return most_; }

private:
    std::atomic<std::uint32_t> now_ = 0, most_ = 0;
};

// What all who look at the server share; outlives them.
struct surroundings {
    net::endpoint server;
    util::clock_anchor clock; // of the samples
    stats::recorder* counts = nullptr;
    attendance* present = nullptr;
    net::ticker* pace = nullptr; // its stop() is their end
};

// Returns at the soft stop: what a session races against.
net::task<> until_stopped(const surroundings& s);

// Until the soft stop, to which `on` is then finished. `s` and `on` outlive it.
net::task<> view(const surroundings& s, screen& on);

} // namespace vsim::viewer
