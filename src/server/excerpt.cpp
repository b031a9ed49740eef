#include "server/excerpt.hpp"

#include <algorithm>
#include <cctype>

namespace vsim::server {

namespace {

constexpr std::size_t token_length = 36; // a UUID; no other field of the protocol is so long
constexpr std::string_view hidden = "***";

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "metrics.disks.0.total" → "total", "metrics.disks.0" → "disks"
std::string_view last_name(std::string_view path) {
    while (!path.empty()) {
        const auto dot = path.rfind('.');
        const auto name = dot == path.npos ? path : path.substr(dot + 1);
        if (!is_number(name)) {
            return name;
        }
        path = path.substr(0, dot == path.npos ? 0 : dot);
    }
    return {};
}

std::size_t start_of(std::string_view json, std::string_view path) {
    const auto name = last_name(path);
    if (name.empty()) {
        return 0;
    }
    const auto found = json.find(std::string{"\""}.append(name).append("\""));
    return found == json.npos ? 0 : found;
}

// The end of the quoted text that begins at `from`, its quote included.
std::size_t end_of_text(std::string_view json, std::size_t from) {
    for (auto i = from + 1; i < json.size(); ++i) {
        if (json[i] == '\\') {
            ++i;
        } else if (json[i] == '"') {
            return i + 1;
        }
    }
    return json.size();
}

bool names_a_token(std::string_view quoted) {
    std::string lower{quoted};
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return lower.find("token") != lower.npos || lower.find('\\') != lower.npos; // may spell it
}

} // namespace

std::string excerpt(std::string_view json, std::string_view path, std::size_t most) {
    const auto begin = start_of(json, path);
    std::string out = begin > 0 ? "..." : "";
    bool is_hidden = false; // the value of a token
    auto i = begin;
    while (i < json.size() && out.size() < most) {
        const char c = json[i];
        if (c == '"') {
            const auto end = end_of_text(json, i);
            const auto text = json.substr(i, end - i);
            const bool is_name = json.substr(end).find_first_not_of(" \t\r\n") != json.npos &&
                                 json[json.find_first_not_of(" \t\r\n", end)] == ':';
            if (is_hidden || text.size() >= token_length) {
                out += hidden;
            } else {
                for (const char t : text) {
                    out += t >= 0x20 && t < 0x7f ? t : '?';
                }
            }
            is_hidden = is_name && names_a_token(text);
            i = end;
            continue;
        }
        if (is_hidden && c != ':' && !std::isspace(static_cast<unsigned char>(c))) {
            // A token that is no text: everything up to where its value must end.
            out += hidden;
            is_hidden = false;
            i = std::min(json.find_first_of(",}]", i), json.size());
            continue;
        }
        out += c >= 0x20 && c < 0x7f ? c : '?';
        ++i;
    }
    return i < json.size() ? out + "..." : out;
}

} // namespace vsim::server
