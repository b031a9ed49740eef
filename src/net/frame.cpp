#include "net/frame.hpp"

#include <cstddef>

namespace vsim::net {

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        if (lead < 0x80) {
            continue;
        }
        // Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
        unsigned char low = 0x80;
        unsigned char high = 0xbf;
        unsigned following = 0;
        if (lead >= 0xc2 && lead <= 0xdf) {
            following = 1;
        } else if ((lead & 0xf0) == 0xe0) {
            following = 2;
            low = lead == 0xe0 ? 0xa0 : low;
            high = lead == 0xed ? 0x9f : high;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            following = 3;
            low = lead == 0xf0 ? 0x90 : low;
            high = lead == 0xf4 ? 0x8f : high;
        } else {
            return false;
        }
        for (; following > 0; --following, ++i) {
            if (i == text.size()) {
                return false;
            }
            const auto next = static_cast<unsigned char>(text[i]);
            if (next < low || next > high) {
                return false;
            }
            low = 0x80;
            high = 0xbf;
        }
    }
    return true;
}

} // namespace vsim::net
