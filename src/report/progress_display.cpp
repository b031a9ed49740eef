#include "report/progress_display.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace vsim::report {
namespace {

using namespace std::chrono_literals;

constexpr auto redraw_every = 250ms;
constexpr auto line_every = 10s;

constexpr std::string_view no_wrap = "\x1b[?7l";
constexpr std::string_view wrap = "\x1b[?7h";
constexpr std::string_view erase_line_end = "\x1b[K";
constexpr std::string_view erase_below = "\x1b[J";

// The block, from the cursor's empty line and back to it. Not all at once: with the cursor in the
// first line of the screen tmux would take what is erased for a screen worth keeping in its
// history.
constexpr std::string_view erase_block = "\r\x1b[K\n\x1b[J\x1b[A";

} // namespace

progress_display::output progress_display::of_process(bool is_terminal, bool color) {
    return {
        .is_terminal = is_terminal,
        .color = color,
        .write =
            [](std::string_view text) {
                std::fwrite(text.data(), 1, text.size(), stderr);
                std::fflush(stderr);
            },
        .size =
            [] {
                terminal_size size;
                winsize told{};
                if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &told) == 0 && told.ws_col > 0) {
                    size.columns = told.ws_col;
                    size.rows = told.ws_row > 0 ? told.ws_row : size.rows;
                }
                return size;
            },
    };
}

progress_display::progress_display(output out) : out_{std::move(out)} {}

progress_display::~progress_display() {
    finish();
}

// From the cursor's line and back to it.
std::string progress_display::block() {
    auto size = out_.size();
    size.rows -= size.rows > 1 ? 1 : 0; // for the cursor's line
    const auto lines = render(state_, size, out_.color);
    if (lines.empty()) {
        return {};
    }
    is_drawn_ = true;
    auto text = fmt::format("{}\r{}", no_wrap, erase_line_end);
    for (const auto& line : lines) {
        text += fmt::format("\n{}{}", line, erase_line_end);
    }
    text += fmt::format("{}\r\x1b[{}A{}", erase_below, lines.size(), wrap);
    return text;
}

void progress_display::update(const progress_state& state, util::steady_time now) {
    const std::lock_guard lock{mutex_};
    if (finished_) {
        return;
    }
    state_ = state;
    const auto pause = out_.is_terminal ? util::nanoseconds{redraw_every} : line_every;
    if (drawn_at_ && now - *drawn_at_ < pause) {
        return;
    }
    // The first plain line comes after the first pause: a short run says nothing.
    const bool is_first = !drawn_at_;
    drawn_at_ = now;
    if (out_.is_terminal) {
        out_.write(block());
    } else if (!is_first && !state_.phases.empty()) {
        out_.write(plain_line(state_) + "\n");
    }
}

void progress_display::print_above(std::string_view line) {
    const std::lock_guard lock{mutex_};
    if (!is_drawn_ || finished_) {
        out_.write(line);
        return;
    }
    out_.write(fmt::format("{}{}{}", erase_block, line, block()));
}

void progress_display::finish() {
    const std::lock_guard lock{mutex_};
    if (std::exchange(finished_, true) || !out_.is_terminal) {
        return;
    }
    std::string text{is_drawn_ ? erase_block : ""};
    for (const auto& line : render(state_, out_.size(), out_.color)) {
        text += line + "\n";
    }
    out_.write(text);
}

} // namespace vsim::report
