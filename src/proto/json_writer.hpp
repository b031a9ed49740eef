#pragma once
// Values → JSON text by their field tables; the part of encode.cpp that knows no message.
// Reentrant.

#include "proto/field.hpp"
#include "util/clock.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace vsim::proto::json {

inline void write(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0; // start of what has not been copied yet
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        out.append(text, plain, i - plain);
        plain = i + 1;
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
    out.append(text, plain);
    out += '"';
}
inline void write(std::string& out, const std::string& text) {
    write(out, std::string_view{text});
}

inline void write(std::string& out, bool value) {
    out += value ? "true" : "false";
}

template <std::integral T>
    requires(!std::same_as<T, bool>)
void write(std::string& out, T value) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}

// Shortest text that reads back; an exponent only outside 1e-6 ... 1e21, as Go and JavaScript write
// it.
template <std::floating_point T>
void write(std::string& out, T value) {
    std::array<char, 40> text;
    const auto size = std::abs(value);
    const bool plain = size == 0 || (size >= T(1e-6) && size < T(1e18));
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
    out.append(text.data(), end);
}

inline void write(std::string& out, const util::zoned_instant& t) {
    if (t == util::zoned_instant{}) {
        out += R"("0001-01-01T00:00:00Z")"; // Go's zero time: what vStats shows when none was sent
        return;
    }
    std::string text = util::format_rfc3339(t.at + t.offset, 9);
    text.pop_back(); // the Z
    while (text.ends_with('0')) {
        text.pop_back();
    }
    if (text.ends_with('.')) {
        text.pop_back();
    }
    out += '"';
    out += text;
    if (t.offset.count() == 0) {
        out += 'Z';
    } else {
        const auto minutes = std::abs(t.offset.count());
        const auto two = [&out](auto n) {
            out += static_cast<char>('0' + n / 10);
            out += static_cast<char>('0' + n % 10);
        };
        out += t.offset.count() < 0 ? '-' : '+';
        two(minutes / 60);
        out += ':';
        two(minutes % 60);
    }
    out += '"';
}

template <has_fields T>
void write(std::string& out, const T& object);
template <class T>
void write(std::string& out, const std::optional<T>& value);
template <class T>
void write(std::string& out, const std::map<std::string, T>& values);

template <class T>
void write(std::string& out, const std::vector<T>& values) {
    out += '[';
    bool first = true;
    for (const auto& v : values) {
        if (!first) {
            out += ',';
        }
        first = false;
        write(out, v);
    }
    out += ']';
}

template <class T>
void write(std::string& out, const std::optional<T>& value) {
    if (value) {
        write(out, *value);
    } else {
        out += "null";
    }
}

inline void write_key(std::string& out, std::string_view name) {
    if (out.back() != '{') {
        out += ',';
    }
    out += '"';
    out += name;
    out += "\":";
}

template <class T>
void write(std::string& out, const std::map<std::string, T>& values) {
    out += '{';
    bool first = true;
    for (const auto& [name, value] : values) {
        if (!first) {
            out += ',';
        }
        first = false;
        write(out, name);
        out += ':';
        write(out, value);
    }
    out += '}';
}

template <class T>
bool is_empty(const T& value) {
    if constexpr (requires { value.has_value(); }) {
        return !value.has_value();
    } else if constexpr (requires { value.empty(); }) {
        return value.empty();
    } else {
        return value == T{};
    }
}

// The fields of an object that is open: `out` ends in '{' or in a complete field.
template <has_fields T>
void write_fields(std::string& out, const T& object) {
    const auto one = [&](const auto& f) {
        const auto& value = f.of(object);
        if (f.when == presence::opt && is_empty(value)) {
            return;
        }
        write_key(out, f.name);
        write(out, value);
    };
    std::apply([&](const auto&... f) { (one(f), ...); }, fields<T>::list);
}

template <has_fields T>
void write(std::string& out, const T& object) {
    out += '{';
    write_fields(out, object);
    out += '}';
}

} // namespace vsim::proto::json
