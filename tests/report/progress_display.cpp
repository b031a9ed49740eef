#include "report/progress_display.hpp"

#include "progress_example.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using report::progress_display;
using test::mid_run;

namespace {

// Records what is written; the size can change between drawings.
struct screen {
    std::string written;
    report::terminal_size size{};

    progress_display::output output(bool is_terminal) {
        return {
            .is_terminal = is_terminal,
            .color = false,
            .write = [this](std::string_view text) { written += text; },
            .size = [this] { return size; },
        };
    }
    std::string take() { return std::exchange(written, {}); }
};

constexpr util::steady_time at(util::nanoseconds since) {
    return util::steady_time{} + std::chrono::duration_cast<util::steady_time::duration>(since);
}

const std::string erased = "\r\x1b[K\n\x1b[J\x1b[A";

// What a drawing writes.
std::string block(report::terminal_size size = {}) {
    size.rows -= 1;
    const auto lines = report::render(mid_run(), size, false);
    std::string text = "\x1b[?7l\r\x1b[K";
    for (const auto& line : lines) {
        text += "\n" + line + "\x1b[K";
    }
    return text + "\x1b[J\r\x1b[" + std::to_string(lines.size()) + "A\x1b[?7h";
}

} // namespace

TEST_CASE("a terminal is drawn at most four times a second") {
    screen s;
    progress_display display{s.output(true)};
    int drawings = 0;
    for (auto t = 0ms; t < 2s; t += 10ms) {
        display.update(mid_run(), at(t));
        drawings += s.take().empty() ? 0 : 1;
    }
    CHECK(drawings == 8);
}

TEST_CASE("each drawing takes the place of the one before, at any size") {
    screen s;
    progress_display display{s.output(true)};
    auto t = 0s;
    for (const report::terminal_size size :
         {report::terminal_size{}, {60, 24}, {200, 50}, {200, 4}}) {
        s.size = size;
        display.update(mid_run(), at(++t));
        CHECK(s.take() == block(size));
    }
}

TEST_CASE("a log line appears above the display") {
    screen s;
    progress_display display{s.output(true)};
    display.print_above("early\n");
    CHECK(s.take() == "early\n");
    display.update(mid_run(), at(0s));
    s.take();
    display.print_above("a line\nand another\n");
    CHECK(s.take() == erased + "a line\nand another\n" + block());
}

TEST_CASE("the last state stays, and nothing comes after it") {
    screen s;
    {
        progress_display display{s.output(true)};
        display.update(mid_run(), at(0s));
        s.take();
        auto last = mid_run();
        last.live.reset();
        display.update(last, at(1ms)); // too soon to be drawn
        CHECK(s.take().empty());
        display.finish();
        auto whole = erased;
        for (const auto& line : report::render(last, {}, false)) {
            whole += line + "\n";
        }
        CHECK(s.take() == whole);
        display.update(mid_run(), at(9s));
        display.print_above("after\n");
    }
    CHECK(s.take() == "after\n");
}

TEST_CASE("without a phase nothing is drawn") {
    screen s;
    {
        progress_display display{s.output(true)};
        display.update({}, at(0s));
        display.print_above("a line\n");
    }
    CHECK(s.take() == "a line\n");
}

TEST_CASE("without a terminal one plain line appears every ten seconds") {
    screen s;
    {
        progress_display display{s.output(false)};
        std::vector<util::nanoseconds> lines;
        for (auto t = 0ms; t <= 25s; t += 100ms) {
            display.update(mid_run(), at(t));
            if (const auto text = s.take(); !text.empty()) {
                CHECK(text == report::plain_line(mid_run()) + "\n");
                lines.push_back(t);
            }
        }
        CHECK(lines == std::vector<util::nanoseconds>{10s, 20s});
        display.print_above("a line\n");
        CHECK(s.take() == "a line\n");
    }
    CHECK(s.take().empty());
}

TEST_CASE("drawings and log lines from several threads do not mix") {
    screen s;
    constexpr int rounds = 200;
    {
        progress_display display{s.output(true)};
        std::thread drawing{[&] {
            for (int i = 0; i < rounds; ++i) {
                display.update(mid_run(), at(i * 1s));
            }
        }};
        std::thread logging{[&] {
            for (int i = 0; i < rounds; ++i) {
                display.print_above("one line\n");
            }
        }};
        drawing.join();
        logging.join();
    }
    std::istringstream written{s.take()};
    int whole = 0;
    for (std::string line; std::getline(written, line);) {
        whole += line == "one line" || line == "\x1b[J\x1b[Aone line" ? 1 : 0;
    }
    CHECK(whole == rounds);
}
