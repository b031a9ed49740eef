#include "util/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace vsim::util {

namespace {

error refuse(std::string_view text, std::string_view what, std::string_view accepted) {
    return make_error(
        errc::bad_input,
        "'" + std::string{text.substr(0, 80)} + "' is not " + std::string{what} +
            " (accepted: " + std::string{accepted} + ")"
    );
}

// A plain decimal number off the front of `rest`: no sign, no exponent, no hexadecimal, no "inf".
std::optional<double> take_decimal(std::string_view& rest) {
    const auto is_part = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_part);
    const auto size = static_cast<std::size_t>(end - rest.begin());
    double value = 0;
    const auto [stop, failure] =
        std::from_chars(rest.data(), rest.data() + size, value, std::chars_format::fixed);
    if (size == 0 || failure != std::errc{} || stop != rest.data() + size) {
        return std::nullopt;
    }
    rest.remove_prefix(size);
    return value;
}

struct unit_factor {
    std::string_view name;
    double factor;
};

// The longest of `units` that `rest` begins with, taken off it.
template <std::size_t N>
std::optional<double> take_unit(std::string_view& rest, const std::array<unit_factor, N>& units) {
    for (const auto& u : units) {
        if (rest.starts_with(u.name)) {
            rest.remove_prefix(u.name.size());
            return u.factor;
        }
    }
    return std::nullopt;
}

// "1500", "1.5k": a decimal number and at most one of `units`, whole once they are multiplied.
template <std::size_t N>
std::optional<std::uint64_t>
whole_number(std::string_view text, const std::array<unit_factor, N>& units) {
    const auto value = take_decimal(text);
    const double factor = text.empty() ? 1 : take_unit(text, units).value_or(0);
    const double total = value.value_or(0) * factor;
    if (!value || !text.empty() || factor == 0 || !(total < 9e15) || total != std::floor(total)) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(total);
}

// Largest first: the first that divides a size is the one to write it in.
constexpr std::array<unit_factor, 4> size_units{
    {{"GB", 0x1p30}, {"MB", 0x1p20}, {"KB", 0x1p10}, {"B", 1}}
};

constexpr std::string_view duration_forms = "500ms, 3s, 5m, 1h30m, 2d or a number of seconds";

} // namespace

result<nanoseconds> parse_duration(std::string_view text) {
    // Longest names first, so that "ms" is not read as "m".
    static constexpr std::array<unit_factor, 7> units{{
        {"ms", 1e6},
        {"us", 1e3},
        {"ns", 1},
        {"d", 86400e9},
        {"h", 3600e9},
        {"m", 60e9},
        {"s", 1e9},
    }};
    std::string_view rest = text;
    double total = 0;
    double last_factor = std::numeric_limits<double>::infinity();
    bool first = true;
    while (first || !rest.empty()) {
        const auto value = take_decimal(rest);
        if (!value) {
            return refuse(text, "a duration", duration_forms);
        }
        const bool bare = first && rest.empty();
        const auto factor = bare ? std::optional<double>{1e9} : take_unit(rest, units);
        if (!factor || *factor >= last_factor) {
            return refuse(text, "a duration", duration_forms);
        }
        total += *value * *factor;
        last_factor = *factor;
        first = false;
    }
    if (!(total < 9.2e18)) {
        return refuse(text, "a duration below 292 years", duration_forms);
    }
    return nanoseconds{std::llround(total)};
}

result<nanoseconds> parse_signed_duration(std::string_view text) {
    const bool is_signed = text.starts_with('-') || text.starts_with('+');
    const auto d = parse_duration(text.substr(is_signed ? 1 : 0));
    if (!d) {
        return refuse(
            text,
            "a duration",
            "-90s, +500ms, 5m, 1h30m, or a number of seconds, with or without sign"
        );
    }
    return text.starts_with('-') ? -*d : *d;
}

std::string format_duration(nanoseconds d) {
    if (d.count() < 0) {
        return "-" + format_duration(-d);
    }
    struct part {
        std::string_view name;
        std::int64_t size;
    };
    static constexpr std::array<part, 4> parts{
        {{"d", 86'400'000'000'000}, {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 0}}
    };
    std::int64_t rest = d.count();
    if (rest == 0) {
        return "0s";
    }
    std::string out;
    for (const auto& p : parts) {
        if (p.size > 0 && rest >= p.size) {
            out += std::to_string(rest / p.size) + std::string{p.name};
            rest %= p.size;
        }
    }
    if (rest == 0) {
        return out;
    }
    const bool below_second = out.empty() && rest < 1'000'000'000;
    const double value = static_cast<double>(rest) / (below_second ? 1e6 : 1e9);
    std::array<char, 32> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed)
            .ptr;
    out.append(digits.data(), end);
    out += below_second ? "ms" : "s";
    return out;
}

result<std::uint64_t> parse_count(std::string_view text) {
    static constexpr std::array<unit_factor, 4> units{
        {{"k", 1e3}, {"K", 1e3}, {"m", 1e6}, {"M", 1e6}}
    };
    const auto count = whole_number(text, units);
    return count ? result<std::uint64_t>{*count} : refuse(text, "a count", "5000, 5k, 1.5k, 2m");
}

result<double> parse_rate(std::string_view text) {
    static constexpr std::array<unit_factor, 3> units{{{"/s", 1}, {"/m", 60}, {"/h", 3600}}};
    static constexpr std::string_view forms = "1000/s, 60/m, 0.5/s or a number per second";
    std::string_view rest = text;
    const auto value = take_decimal(rest);
    if (!value) {
        return refuse(text, "a rate", forms);
    }
    const double per = rest.empty() ? 1 : take_unit(rest, units).value_or(0);
    if (!rest.empty() || per == 0 || !(*value < 1e12)) {
        return refuse(text, "a rate", forms);
    }
    return *value / per;
}

result<double> parse_share(std::string_view text) {
    static constexpr std::string_view forms = "10%, 0.1%, 0% to 100%";
    std::string_view rest = text;
    const auto value = take_decimal(rest);
    if (!value || rest != "%" || !(*value <= 100)) {
        return refuse(text, "a share", forms);
    }
    return *value / 100;
}

std::string format_share(double share) {
    std::array<char, 64> digits{};
    const double percent = share * 100;
    char* end = digits.data();
    // 7 % is not exactly 0.07 x 100: take the fewest digits that mean this share.
    for (int precision = 0; precision <= 20; ++precision) {
        end = std::to_chars(
                  digits.data(),
                  digits.data() + digits.size(),
                  percent,
                  std::chars_format::fixed,
                  precision
        )
                  .ptr;
        double read = 0;
        std::from_chars(digits.data(), end, read);
        if (read / 100 == share) {
            break;
        }
    }
    return std::string{digits.data(), end} + "%";
}

result<std::uint64_t> parse_size(std::string_view text) {
    static constexpr std::string_view forms =
        "512B, 8KB, 1.5MB, 2GB in powers of 1024, or a number of bytes";
    const auto bytes = whole_number(text, size_units);
    return bytes ? result<std::uint64_t>{*bytes} : refuse(text, "a size", forms);
}

std::string format_size(std::uint64_t bytes) {
    for (const auto& u : size_units) {
        const auto factor = static_cast<std::uint64_t>(u.factor);
        if (bytes >= factor && bytes % factor == 0) {
            return std::to_string(bytes / factor) + std::string{u.name};
        }
    }
    return "0B";
}

std::string url::authority() const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string url::text() const {
    return (tls ? "https://" : "http://") + authority() + path;
}

result<url> parse_url(std::string_view text) {
    static constexpr std::string_view forms =
        "http://host[:port][/path] or https://host[:port][/path]";
    url out;
    std::string_view rest = text;
    const auto colon = text.find("://");
    const std::string_view scheme = text.substr(0, colon == text.npos ? 0 : colon);
    if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss") {
        return refuse(text, "a server URL", forms);
    }
    out.tls = scheme == "https" || scheme == "wss";
    out.port = out.tls ? 443 : 80;
    rest.remove_prefix(colon + 3);
    const auto is_odd = [](unsigned char c) { return c <= ' ' || c == 127; };
    if (std::any_of(rest.begin(), rest.end(), is_odd) || rest.find_first_of("?#@") != rest.npos) {
        return refuse(text, "a server URL", forms);
    }
    const auto slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    if (slash != rest.npos) {
        out.path = rest.substr(slash);
        while (out.path.ends_with('/')) {
            out.path.pop_back();
        }
    }
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto bracket = authority.find(']');
        if (bracket == authority.npos) {
            return refuse(text, "a server URL", forms);
        }
        out.host = authority.substr(1, bracket - 1);
        port = authority.substr(bracket + 1);
        if (!port.empty() && port.front() != ':') {
            return refuse(text, "a server URL", forms);
        }
    } else {
        const auto mark = authority.find(':');
        out.host = authority.substr(0, mark);
        port = mark == authority.npos ? std::string_view{} : authority.substr(mark);
    }
    if (out.host.empty()) {
        return refuse(text, "a server URL", forms);
    }
    if (!port.empty()) {
        port.remove_prefix(1);
        unsigned value = 0;
        const auto [stop, failure] = std::from_chars(port.data(), port.data() + port.size(), value);
        if (failure != std::errc{} || stop != port.data() + port.size() || value < 1 ||
            value > 65535) {
            return refuse(text, "a server URL", std::string{forms} + ", port 1 to 65535");
        }
        out.port = static_cast<std::uint16_t>(value);
    }
    return out;
}

} // namespace vsim::util
