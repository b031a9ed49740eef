#include "util/clock.hpp"

#include <array>
#include <cstdio>

namespace vsim::util {

clock_anchor clock_anchor::now() {
    return {std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
}

std::string format_rfc3339(wall_time t, int digits) {
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{t - day};
    std::array<char, 48> text{};
    int size = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count())
    );
    std::string out(text.data(), static_cast<std::size_t>(size));
    if (digits > 0) {
        size = std::snprintf(
            text.data(), text.size(), ".%09lld", static_cast<long long>(time.subseconds().count())
        );
        out.append(text.data(), static_cast<std::size_t>(digits) + 1);
    }
    out += 'Z';
    return out;
}

namespace {

// Reads fixed-width decimal fields off the front of a text; `ok` stays false after the first
// failure.
struct reader {
    std::string_view rest;
    bool ok = true;

    int number(std::size_t width) {
        int value = 0;
        if (rest.size() < width) {
            ok = false;
            return 0;
        }
        for (const char c : rest.substr(0, width)) {
            ok = ok && c >= '0' && c <= '9';
            value = value * 10 + (c - '0');
        }
        rest.remove_prefix(width);
        return value;
    }
    void literal(char c) {
        ok = ok && !rest.empty() && rest.front() == c;
        if (ok) {
            rest.remove_prefix(1);
        }
    }
    // Digits after the point, kept to nanoseconds.
    std::int64_t fraction() {
        std::int64_t value = 0;
        std::size_t size = 0;
        while (size < rest.size() && rest[size] >= '0' && rest[size] <= '9') {
            if (size < 9) {
                value = value * 10 + (rest[size] - '0');
            }
            ++size;
        }
        for (std::size_t i = size; i < 9; ++i) {
            value *= 10;
        }
        ok = ok && size > 0;
        rest.remove_prefix(size);
        return value;
    }
};

// What 64-bit nanoseconds hold whole, whatever the zone.
constexpr int first_year = 1679;
constexpr int last_year = 2260;

} // namespace

result<zoned_instant> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    reader in{text};
    const int y = in.number(4);
    in.literal('-');
    const int mo = in.number(2);
    in.literal('-');
    const int d = in.number(2);
    in.literal('T');
    const int h = in.number(2);
    in.literal(':');
    const int mi = in.number(2);
    in.literal(':');
    const int s = in.number(2);
    std::int64_t nanos = 0;
    if (in.ok && !in.rest.empty() && in.rest.front() == '.') {
        in.literal('.');
        nanos = in.fraction();
    }
    minutes offset{0};
    if (in.ok && !in.rest.empty() && in.rest.front() == 'Z') {
        in.literal('Z');
    } else {
        const bool west = in.ok && !in.rest.empty() && in.rest.front() == '-';
        in.literal(west ? '-' : '+');
        const int zone_hours = in.number(2);
        in.literal(':');
        const int zone_minutes = in.number(2);
        in.ok = in.ok && zone_hours <= 24 && zone_minutes < 60;
        offset = minutes{(west ? -1 : 1) * (zone_hours * 60 + zone_minutes)};
    }
    const year_month_day date{
        year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}
    };
    if (!in.ok || !in.rest.empty() || !date.ok() || h > 23 || mi > 59 || s > 59) {
        return make_error(
            errc::bad_input,
            "'" + std::string{text.substr(0, 64)} +
                "' is not an RFC 3339 time such as 2026-11-24T03:46:33Z"
        );
    }
    if (y < first_year || y > last_year) {
        const auto end = year{y < first_year ? first_year : last_year + 1} / January / 1;
        const wall_time nearest = sys_days{end} - nanoseconds{y < first_year ? 0 : 1};
        return zoned_instant{nearest, minutes{0}};
    }
    const wall_time at = sys_days{date} + hours{h} + minutes{mi} + seconds{s} + nanoseconds{nanos};
    return zoned_instant{at - offset, offset};
}

} // namespace vsim::util
