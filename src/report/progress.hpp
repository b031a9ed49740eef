#pragma once
// The live display on stderr: one bar for each phase and, while agents are connected, a status
// block. On a terminal it is drawn again at most 4 times a second; elsewhere one plain line appears
// every 10 s. The rendering functions are pure; the display is thread-safe, because log lines come
// from everywhere.

#include "util/clock.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

struct phase_progress {
    enum class unit { items, time };
    std::string name; // "cleanup", "register", "history", "ramp", "run"
    unit of = unit::items;
    std::uint64_t done = 0;  // items, or nanoseconds for `time`
    std::uint64_t total = 0; // 0 = not known: no bar and no ETA
    util::nanoseconds elapsed{0};
    bool finished = false;
    bool cut_short = false; // finished, but not because all was done
};

// Figures of the last stretch between two readings.
struct live_status {
    std::uint64_t connected = 0;
    std::uint64_t requested = 0;
    std::uint64_t metrics_sent = 0; // in all
    double metrics_per_second = 0;
    double bytes_per_second = 0;
    std::uint64_t errors = 0; // in all
    std::optional<util::nanoseconds> send_lag_p99{};
};

struct progress_state {
    std::vector<phase_progress> phases; // begun so far, in order
    std::optional<live_status> live{};
};

// Lines without a final newline, none wider than `width` - 1 columns (width >= 40), so that a
// terminal never wraps them.
std::string render(const progress_state& state, unsigned width, bool color);
// The same in one line of any width, for a log.
std::string plain_line(const progress_state& state);

class progress_display {
public:
    struct output {
        bool is_terminal = false;
        bool color = false;
        std::function<void(std::string_view)> write{};
        std::function<unsigned()> width{}; // present columns of the terminal
    };
    // stderr.
    static output of_process(bool color);

    explicit progress_display(output out);
    ~progress_display(); // finish()
    progress_display(const progress_display&) = delete;
    progress_display& operator=(const progress_display&) = delete;

    // Call it as often as convenient; what comes too soon after the last drawing is not drawn.
    void update(const progress_state& state, util::steady_time now);
    // Something else for the same output, newline included: printed above the display.
    void print_above(std::string_view line);
    // Draws the last state once more, at rest, and leaves it standing. Later updates do nothing.
    void finish();

private:
    std::string erase() const;
    void draw();

    output out_;
    std::mutex mutex_; // guards what follows
    progress_state state_;
    std::optional<util::steady_time> drawn_at_;
    std::vector<std::size_t> drawn_; // columns of each line on the terminal
    bool finished_ = false;
};

} // namespace vsim::report
