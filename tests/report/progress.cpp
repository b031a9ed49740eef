#include "report/progress.hpp"

#include "report/units.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace vsim;
using namespace std::chrono_literals;
using report::phase_progress;
using report::progress_display;
using report::progress_state;
using unit = phase_progress::unit;

namespace {

progress_state mid_run() {
    progress_state s;
    s.phases = {
        {.name = "register", .done = 5000, .total = 5000, .elapsed = 1040ms, .finished = true},
        {.name = "ramp", .done = 1234, .total = 5000, .elapsed = 2s},
        {.name = "run",
         .of = unit::time,
         .done = 15'000'000'000,
         .total = 60'000'000'000,
         .elapsed = 15s},
    };
    s.live = {
        .connected = 1234,
        .requested = 5000,
        .metrics_sent = 1'234'567,
        .metrics_per_second = 1666.7,
        .bytes_per_second = 2'750'000,
        .errors = 3,
        .send_lag_p99 = 4321us,
    };
    return s;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (const char c : text) {
        if (c == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += c;
        }
    }
    return lines;
}

// Records what is written; the width can change between drawings.
struct screen {
    std::string written;
    unsigned width = 80;

    progress_display::output output(bool is_terminal) {
        return {
            .is_terminal = is_terminal,
            .color = false,
            .write = [this](std::string_view text) { written += text; },
            .width = [this] { return width; },
        };
    }
    std::string take() { return std::exchange(written, {}); }
};

constexpr util::steady_time at(util::nanoseconds since) {
    return util::steady_time{} + std::chrono::duration_cast<util::steady_time::duration>(since);
}

} // namespace

TEST_CASE("progress at 40 columns") {
    CHECK(report::render(mid_run(), 40, false) == R"(register [#########] 100% 5,000/5,000
ramp     [##-------]  25% 1,234/5,000
run      [##-------]  25% 15.0 s/60.0 s
connected 1,234/5,000   sent 1,234,567
1,667/s   2.75 MB/s   lag p99 4.32 ms
errors 3)");
}

TEST_CASE("progress at 60 columns") {
    CHECK(
        report::render(mid_run(), 60, false) ==
        R"(register [###########] 100% 5,000/5,000  4,808/s  in 1.04 s
ramp     [##---------]  25% 1,234/5,000  617/s  ETA 6.10 s
run      [##---------]  25% 15.0 s/60.0 s  ETA 45.0 s
connected 1,234/5,000   sent 1,234,567   1,667/s
2.75 MB/s   lag p99 4.32 ms   errors 3)"
    );
}

TEST_CASE("progress at 200 columns") {
    CHECK(
        report::render(mid_run(), 200, false) ==
        R"(register [########################################] 100% 5,000/5,000  4,808/s  in 1.04 s
ramp     [#########-------------------------------]  25% 1,234/5,000  617/s  ETA 6.10 s
run      [##########------------------------------]  25% 15.0 s/60.0 s  ETA 45.0 s
connected 1,234/5,000   sent 1,234,567   1,667/s   2.75 MB/s   lag p99 4.32 ms   errors 3)"
    );
}

TEST_CASE("no line reaches the last column, at any width, with and without colour") {
    auto endless = mid_run();
    endless.phases.back().total = 0;
    for (const auto& state : {mid_run(), endless, progress_state{}}) {
        for (unsigned width = 40; width <= 220; ++width) {
            for (const bool color : {false, true}) {
                for (const auto& line : lines_of(report::render(state, width, color))) {
                    CAPTURE(line);
                    CHECK(report::columns(line) < width);
                }
            }
        }
    }
}

TEST_CASE("colour changes nothing but colour") {
    const auto plain = report::render(mid_run(), 100, false);
    auto colored = report::render(mid_run(), 100, true);
    CHECK(plain.find('\x1b') == std::string::npos);
    CHECK(colored.find("\x1b[32m") != std::string::npos); // a finished bar
    CHECK(colored.find("\x1b[31m") != std::string::npos); // errors
    for (auto at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
        colored.erase(at, colored.find('m', at) - at + 1);
    }
    CHECK(colored == plain);
}

TEST_CASE("a phase of unknown length has no bar and no ETA") {
    progress_state s;
    s.phases = {{.name = "run", .of = unit::time, .done = 90'000'000'000, .elapsed = 90s}};
    CHECK(report::render(s, 80, false) == "run      90.0 s");
}

TEST_CASE("the plain line tells the present phase and the figures") {
    CHECK(
        report::plain_line(mid_run()) ==
        "run 15.0 s/60.0 s, ETA 45.0 s, connected 1,234/5,000, sent 1,234,567, 1,667/s, "
        "2.75 MB/s, lag p99 4.32 ms, errors 3"
    );
}

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

TEST_CASE("each drawing takes the place of the one before") {
    screen s;
    progress_display display{s.output(true)};
    display.update(mid_run(), at(0s));
    const auto first = s.take();
    const auto rows = lines_of(first).size() - 1; // it ends with a newline
    CHECK(first == report::render(mid_run(), 80, false) + "\n");
    display.update(mid_run(), at(1s));
    CHECK(s.take() == "\x1b[" + std::to_string(rows) + "A\r\x1b[J" + first);
}

TEST_CASE("on a terminal made narrower the rows of the broken lines are erased too") {
    screen s;
    s.width = 100;
    progress_display display{s.output(true)};
    display.update(mid_run(), at(0s));
    std::size_t rows = 0;
    for (const auto& line : lines_of(s.take())) {
        rows += (report::columns(line) + 39) / 40;
    }
    s.width = 40;
    display.update(mid_run(), at(1s));
    CHECK(
        s.take() ==
        "\x1b[" + std::to_string(rows) + "A\r\x1b[J" + report::render(mid_run(), 40, false) + "\n"
    );
}

TEST_CASE("a log line appears above the display") {
    screen s;
    progress_display display{s.output(true)};
    display.print_above("early\n");
    CHECK(s.take() == "early\n");
    display.update(mid_run(), at(0s));
    const auto drawn = s.take();
    display.print_above("a line\n");
    const auto rows = std::to_string(lines_of(drawn).size() - 1);
    CHECK(s.take() == "\x1b[" + rows + "A\r\x1b[J" + "a line\n" + drawn);
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
        CHECK(s.take().ends_with(report::render(last, 80, false) + "\n"));
        display.update(mid_run(), at(9s));
        display.print_above("after\n");
    }
    CHECK(s.take() == "after\n");
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
    const auto lines = lines_of(s.take());
    const auto whole = std::ranges::count_if(lines, [](const std::string& line) {
        return line == "one line" || line.ends_with("\x1b[Jone line");
    });
    CHECK(whole == rounds);
}
