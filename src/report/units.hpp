#pragma once
// Numbers as people read them. Every function is about the same kinds of number the console and the
// progress display show, so that both write them alike. Reentrant.

#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

std::string grouped(std::uint64_t n);          // "1,234,567"
std::string bytes_text(double bytes);          // "1.23 MB", "512 B": powers of 1000
std::string rate_text(double per_second);      // "1.67 M/s", "1,667/s", "83.3/s", "0.250/s"
std::string byte_rate_text(double per_second); // "2.75 MB/s"
std::string ms_text(util::nanoseconds d);      // milliseconds: "0.123", "1234"; from 100 s: "101s"
std::string seconds_text(util::nanoseconds d); // "0.213 s", "61.2 s", "3 min 20 s", "2 h 5 min"
double per_second(std::uint64_t n, util::nanoseconds time); // 0 in no time

// Columns a terminal needs for UTF-8 text: one a character. Escape sequences count as nothing.
std::size_t columns(std::string_view text);
// At most `width` columns; a cut text ends in "…". Without escape sequences only.
std::string cut(std::string_view text, std::size_t width);
// Lines of at most `width` columns, broken at blanks; a longer word is broken anywhere.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// Colours, or nothing.
class palette {
public:
    explicit palette(bool color) : color_{color} {}
    std::string bold(std::string_view text) const { return in("1", text); }
    std::string dim(std::string_view text) const { return in("2", text); }
    std::string red(std::string_view text) const { return in("31", text); }
    std::string green(std::string_view text) const { return in("32", text); }
    std::string yellow(std::string_view text) const { return in("33", text); }

private:
    std::string in(std::string_view code, std::string_view text) const;
    bool color_;
};

} // namespace vsim::report
