#pragma once
// JSON elements → values by their field tables, with the rules of protocol.md 2.2. A failure names
// the path of the field and what was expected. Reentrant.

#include "proto/field.hpp"
#include "util/clock.hpp"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace vsim::proto::json {

using element = simdjson::dom::element;

// What went wrong first. The path is put together while the readers return.
struct failure {
    std::string path;
    std::string expected;

    bool set(std::string what) {
        expected = std::move(what);
        return false;
    }
    bool under(std::string_view name) {
        path = path.empty() ? std::string{name} : std::string{name} + "." + path;
        return false;
    }
};

// Letters of ASCII only, as Go folds field names in practice.
inline bool same_name(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

// Each `read` returns false after telling `why`. null leaves a value as it is, except an optional,
// which it empties.

inline bool read(element e, std::string& out, failure& why) {
    std::string_view text;
    if (e.get_string().get(text) != simdjson::SUCCESS) {
        return why.set("a string");
    }
    out.assign(text);
    return true;
}

inline bool read(element e, bool& out, failure& why) {
    return e.get_bool().get(out) == simdjson::SUCCESS || why.set("true or false");
}

template <std::integral T>
    requires(!std::same_as<T, bool>)
bool read(element e, T& out, failure& why) {
    using wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    wide value = 0;
    if (e.get<wide>().get(value) != simdjson::SUCCESS || !std::in_range<T>(value)) {
        return why.set(
            "a whole number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
            std::to_string(std::numeric_limits<T>::max())
        );
    }
    out = static_cast<T>(value);
    return true;
}

template <std::floating_point T>
bool read(element e, T& out, failure& why) {
    double value = 0;
    // get_double also takes integers.
    if (e.get_double().get(value) != simdjson::SUCCESS) {
        return why.set("a number");
    }
    if (std::abs(value) > static_cast<double>(std::numeric_limits<T>::max())) {
        return why.set("a number of 32-bit floating point");
    }
    out = static_cast<T>(value);
    return true;
}

inline bool read(element e, util::zoned_instant& out, failure& why) {
    std::string_view text;
    if (e.get_string().get(text) != simdjson::SUCCESS) {
        return why.set("an RFC 3339 time");
    }
    if (text == "0001-01-01T00:00:00Z") { // Go's zero time says that there is none
        out = {};
        return true;
    }
    auto parsed = util::parse_rfc3339(text);
    if (parsed.has_error()) {
        return why.set("an RFC 3339 time");
    }
    out = *parsed;
    return true;
}

template <has_fields T>
bool read(element e, T& out, failure& why);
template <class T>
bool read(element e, std::vector<T>& out, failure& why);
template <class T>
bool read(element e, std::map<std::string, T>& out, failure& why);

template <class T>
bool read(element e, std::optional<T>& out, failure& why) {
    if (e.is_null()) {
        out.reset();
        return true;
    }
    return read(e, out.emplace(), why);
}

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

template <class T>
bool read_or_skip_null(element e, T& out, failure& why) {
    if constexpr (!is_optional<T>) {
        if (e.is_null()) {
            return true;
        }
    }
    return read(e, out, why);
}

template <class T>
bool read(element e, std::vector<T>& out, failure& why) {
    simdjson::dom::array items;
    if (e.get_array().get(items) != simdjson::SUCCESS) {
        return why.set("an array");
    }
    out.clear();
    out.reserve(items.size());
    for (const element item : items) {
        if (!read_or_skip_null(item, out.emplace_back(), why)) {
            return why.under(std::to_string(out.size() - 1));
        }
    }
    return true;
}

template <class T>
bool read(element e, std::map<std::string, T>& out, failure& why) {
    simdjson::dom::object members;
    if (e.get_object().get(members) != simdjson::SUCCESS) {
        return why.set("an object");
    }
    out.clear();
    for (const auto [name, value] : members) {
        if (!read_or_skip_null(value, out[std::string{name}], why)) {
            return why.under(name);
        }
    }
    return true;
}

template <class T>
struct field_reader {
    std::string_view name;
    bool (*read)(element, T&, failure&);
};

// The field table as an array that can be searched at run time.
template <class T>
constexpr auto readers() {
    constexpr auto size = std::tuple_size_v<decltype(fields<T>::list)>;
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<field_reader<T>, size>{field_reader<T>{
            std::get<I>(fields<T>::list).name,
            [](element e, T& object, failure& why) {
                return read_or_skip_null(e, std::get<I>(fields<T>::list).of(object), why);
            },
        }...};
    }(std::make_index_sequence<size>{});
}

template <has_fields T>
bool read(element e, T& out, failure& why) {
    static constexpr auto table = readers<T>();
    simdjson::dom::object members;
    if (e.get_object().get(members) != simdjson::SUCCESS) {
        return why.set("an object");
    }
    std::size_t next = 0; // most senders keep the order of the table
    for (const auto [name, value] : members) {
        std::size_t found = next;
        if (found >= table.size() || table[found].name != name) {
            for (found = 0; found < table.size() && !same_name(table[found].name, name);) {
                ++found;
            }
            if (found == table.size()) {
                continue;
            }
        }
        next = found + 1;
        if (!table[found].read(value, out, why)) {
            return why.under(table[found].name);
        }
    }
    return true;
}

} // namespace vsim::proto::json
