#include "report/json_writer.hpp"

#include <fmt/format.h>

#include <cmath>

namespace vsim::report {
namespace {

// Length of the valid UTF-8 sequence `text` begins with; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    const std::size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (n == 0 || lead > 0xf4 || n > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < n; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return 0;
        }
    }
    const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
    const bool no_scalar = (lead == 0xed && byte(1) > 0x9f) || (lead == 0xf4 && byte(1) > 0x8f);
    return overlong || no_scalar ? 0 : n;
}

} // namespace

void json_writer::new_line() {
    if (indent_ > 0) {
        text_ += '\n';
        text_.append(indent_ * has_members_.size(), ' ');
    }
}

void json_writer::start(std::string_view key) {
    if (!has_members_.empty()) {
        if (has_members_.back()) {
            text_ += ',';
        }
        has_members_.back() = true;
        new_line();
    }
    if (!key.empty()) {
        put(key);
        text_ += indent_ > 0 ? ": " : ":";
    }
}

void json_writer::open(std::string_view key, char bracket) {
    start(key);
    text_ += bracket;
    has_members_.push_back(false);
}

void json_writer::close(char bracket) {
    const bool had_members = has_members_.back();
    has_members_.pop_back();
    if (had_members) {
        new_line();
    }
    text_ += bracket;
}

void json_writer::begin_object(std::string_view key) {
    open(key, '{');
}
void json_writer::end_object() {
    close('}');
}
void json_writer::begin_array(std::string_view key) {
    open(key, '[');
}
void json_writer::end_array() {
    close(']');
}

void json_writer::put(std::string_view value) {
    text_ += '"';
    while (!value.empty()) {
        const auto n = sequence_length(value);
        const char c = value.front();
        if (n == 0) {
            text_ += "\xef\xbf\xbd"; // U+FFFD for each byte that fits nowhere
        } else if (c == '"' || c == '\\') {
            text_ += '\\';
            text_ += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            text_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            text_ += value.substr(0, n);
        }
        value.remove_prefix(n == 0 ? 1 : n);
    }
    text_ += '"';
}

void json_writer::put(double value) {
    text_ += std::isfinite(value) ? fmt::format("{}", value) : "null";
}

void json_writer::put(bool value) {
    text_ += value ? "true" : "false";
}

} // namespace vsim::report
