#include "util/text.hpp"

#include <algorithm>

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

} // namespace vsim::util
