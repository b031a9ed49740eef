#include "report/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace vsim::report {
namespace {

// Three significant digits below 1000, none behind the point above 100.
std::string three_digits(double x) {
    if (x == 0) {
        return "0";
    }
    const int decimals = x < 0.9995 ? 3 : x < 9.995 ? 2 : x < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f}", x, decimals);
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

// Bytes of the first `n` characters.
std::size_t prefix_size(std::string_view text, std::size_t n) {
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        if (!continues_character(text[i]) && n-- == 0) {
            break;
        }
    }
    return i;
}

} // namespace

std::string grouped(std::uint64_t n) {
    auto text = fmt::to_string(n);
    for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3) {
        text.insert(static_cast<std::size_t>(i), ",");
    }
    return text;
}

std::string bytes_text(double bytes) {
    constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    return fmt::format(
        "{} {}", unit == 0 ? fmt::format("{:.0f}", bytes) : three_digits(bytes), units[unit]
    );
}

std::string rate_text(double per_second) {
    if (per_second >= 999'999.5) {
        return three_digits(per_second / 1e6) + " M/s";
    }
    if (per_second >= 999.5) {
        return grouped(static_cast<std::uint64_t>(std::llround(per_second))) + "/s";
    }
    return three_digits(per_second) + "/s";
}

std::string byte_rate_text(double per_second) {
    return bytes_text(per_second) + "/s";
}

std::string ms_text(util::nanoseconds d) {
    const auto ms = static_cast<double>(d.count()) / 1e6;
    return ms < 99'999.5 ? three_digits(ms) : fmt::format("{:.0f}s", ms / 1e3);
}

std::string seconds_text(util::nanoseconds d) {
    const auto s = static_cast<double>(d.count()) / 1e9;
    if (s < 99.95) {
        return three_digits(s) + " s";
    }
    const auto whole = std::llround(s);
    if (whole < 3600) {
        return fmt::format("{} min {} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

double per_second(std::uint64_t n, util::nanoseconds time) {
    return time.count() <= 0 ? 0 : static_cast<double>(n) * 1e9 / static_cast<double>(time.count());
}

std::size_t columns(std::string_view text) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            i = std::min(text.find_first_of("mKJA", i), text.size());
        } else if (!continues_character(text[i])) {
            ++n;
        }
    }
    return n;
}

std::string cut(std::string_view text, std::size_t width) {
    if (columns(text) <= width) {
        return std::string{text};
    }
    return width == 0 ? "" : std::string{text.substr(0, prefix_size(text, width - 1))} + "…";
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (columns(text) > width) {
        const auto fits = prefix_size(text, width);
        const auto blank = text.rfind(' ', fits);
        const bool breaks = blank != std::string_view::npos && blank > 0;
        lines.emplace_back(text.substr(0, breaks ? blank : fits));
        text.remove_prefix(breaks ? blank + 1 : fits);
    }
    lines.emplace_back(text);
    return lines;
}

std::string palette::in(std::string_view code, std::string_view text) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string{text};
}

} // namespace vsim::report
