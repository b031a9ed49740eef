#include "util/text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace vsim::util {

namespace {
constexpr std::size_t longest = 200;
constexpr std::string_view mask = "***";
} // namespace

std::string one_line(std::string_view foreign, std::string_view secret) {
    std::string out{foreign};
    if (!secret.empty()) {
        for (auto at = out.find(secret); at != std::string::npos; at = out.find(secret, at)) {
            out.replace(at, secret.size(), mask);
            at += mask.size();
        }
    }
    std::ranges::replace_if(out, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
    if (out.size() > longest) {
        auto end = longest;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) {
            --end;
        }
        out.resize(end);
        out += "...";
    }
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

} // namespace vsim::util
