#pragma once
// Brings the progress to stderr. On a terminal it is a block below everything else, drawn again at
// most 4 times a second; elsewhere one plain line appears every 10 s. Thread-safe, because log
// lines come from everywhere.
//
// Between two drawings the cursor rests on an empty line above the block. A terminal keeps the
// cursor where it is in the text, so whatever a new size has done to the lines below it (broken,
// cut off, pushed up), what is drawn from the cursor on takes the place of the block and of nothing
// else. While lines are drawn the terminal must not wrap them: its size may be another one by then.

#include "report/progress.hpp"
#include "util/clock.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::report {

class progress_display {
public:
    struct output {
        bool is_terminal = false; // that understands escape sequences
        bool color = false;
        std::function<void(std::string_view)> write{};
        std::function<terminal_size()> size{}; // at present
    };
    // stderr.
    static output of_process(bool is_terminal, bool color);

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
    std::string block();

    output out_;
    std::mutex mutex_; // guards what follows
    progress_state state_;
    std::optional<util::steady_time> drawn_at_;
    bool is_drawn_ = false;
    bool finished_ = false;
};

} // namespace vsim::report
