#include "server/target.hpp"

#include <charconv>
#include <utility>

namespace vsim::server {

namespace {

// %41 → A, and + → blank in a query; a broken escape stays as it is.
std::string decode(std::string_view text, bool is_query) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const char* const hex = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(hex, hex + 2, byte, 16).ptr == hex + 2) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += is_query && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string_view take_until(std::string_view& text, char end) {
    const auto at = text.find(end);
    const auto head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return head;
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    while (path.find('/') != std::string_view::npos) {
        parts.push_back(take_until(path, '/'));
    }
    parts.push_back(path);
    return parts;
}

} // namespace

std::string target::value(const std::string& name, std::string otherwise) const {
    const auto found = query.find(name);
    return found == query.end() ? std::move(otherwise) : found->second;
}

std::int64_t target::number(const std::string& name) const {
    const auto text = value(name);
    std::int64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc{} ? number : 0;
}

std::string decode_path(std::string_view path) {
    return decode(path, false);
}

target parse_target(std::string_view text) {
    target t;
    t.path = take_until(text, '?');
    while (!text.empty()) {
        auto value = take_until(text, '&');
        const auto name = take_until(value, '=');
        t.query.emplace(decode(name, true), decode(value, true));
    }
    return t;
}

bool match_path(std::string_view pattern, std::string_view path, std::vector<std::string>& values) {
    values.clear();
    const auto wanted = split(pattern);
    const auto given = split(path);
    if (wanted.size() != given.size()) {
        return false;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!wanted[i].starts_with(':')) {
            if (wanted[i] != given[i]) {
                return false;
            }
        } else if (given[i].empty()) {
            return false;
        } else {
            values.push_back(decode(given[i], false));
        }
    }
    return true;
}

} // namespace vsim::server
