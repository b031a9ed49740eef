#include "util/address_ranges.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cassert>
#include <optional>
#include <sys/socket.h>

namespace vsim::util {

namespace {

using address = address_ranges::address;

constexpr std::string_view forms =
    "addresses and ranges, such as 127.0.0.2-127.0.0.9,10.0.0.5 or fd00::1-fd00::4";

error refuse(std::string_view part, std::string_view why) {
    return make_error(
        errc::bad_input,
        "'" + std::string{part.substr(0, 80)} + "' " + std::string{why} +
            " (accepted: " + std::string{forms} + ")"
    );
}

struct parsed {
    address value;
    bool is_v6 = false;
};

using octets = std::array<unsigned char, 16>;

address to_address(const octets& bytes, std::size_t size) {
    address a;
    for (std::size_t i = 0; i < size; ++i) {
        a.high = (a.high << 8) | (a.low >> 56);
        a.low = (a.low << 8) | bytes[i];
    }
    return a;
}

std::string to_text(address a, bool is_v6) {
    octets bytes{};
    const std::size_t size = is_v6 ? 16 : 4;
    for (std::size_t i = size; i > 0; --i) {
        bytes[i - 1] = static_cast<unsigned char>(a.low & 0xff);
        a.low = (a.low >> 8) | (a.high << 56);
        a.high >>= 8;
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
    return text.data();
}

std::optional<parsed> to_parsed(std::string_view text) {
    const std::string whole{text};
    if (whole.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    octets bytes{};
    if (::inet_pton(AF_INET, whole.c_str(), bytes.data()) == 1) {
        return parsed{to_address(bytes, 4), false};
    }
    if (::inet_pton(AF_INET6, whole.c_str(), bytes.data()) == 1) {
        return parsed{to_address(bytes, 16), true};
    }
    return std::nullopt;
}

address plus(address a, std::uint64_t n) {
    a.low += n;
    a.high += a.low < n ? 1 : 0;
    return a;
}

// How many addresses from `first` to `last`; 0 when that is more than a list may hold.
std::uint64_t size_of(const address& first, const address& last) {
    const auto distance = last.low - first.low; // also right across a carry
    const auto carry = last.low < first.low ? 1U : 0U;
    const bool is_near = last.high - first.high == carry;
    return is_near && distance < address_ranges::most_addresses ? distance + 1 : 0;
}

// Why no connection of one machine can start from it; "" if one can.
std::string_view unfit(const parsed& p) {
    const auto& a = p.value;
    if (a == address{}) {
        return "is every address and none";
    }
    if (p.is_v6 ? a.high >> 56 == 0xff : a.low >> 28 >= 0xe) {
        return "is no address of one machine";
    }
    if (p.is_v6 && a.high == 0 && a.low >> 32 == 0xffff) {
        return "is an IPv4 address: write it as one";
    }
    return {};
}

} // namespace

std::uint64_t address_ranges::count() const {
    return ranges_.empty() ? 0 : ranges_.back().before + ranges_.back().size;
}

std::string address_ranges::nth(std::uint64_t i) const {
    assert(i < count());
    const auto after = std::ranges::upper_bound(ranges_, i, {}, &range::before);
    const auto& r = *std::prev(after);
    return to_text(plus(r.first, i - r.before), is_v6_);
}

std::string address_ranges::text_of(const range& r) const {
    const auto first = to_text(r.first, is_v6_);
    return r.size == 1 ? first : first + "-" + to_text(plus(r.first, r.size - 1), is_v6_);
}

std::string address_ranges::text() const {
    std::string out;
    for (const auto& r : ranges_) {
        out += (out.empty() ? "" : ",") + text_of(r);
    }
    return out;
}

const address_ranges::range* address_ranges::overlapping() const {
    std::vector<const range*> sorted;
    for (const auto& r : ranges_) {
        sorted.push_back(&r);
    }
    std::ranges::sort(sorted, {}, [](const range* r) { return r->first; });
    const auto meets = [](const range* a, const range* b) {
        return b->first <= plus(a->first, a->size - 1);
    };
    const auto found = std::ranges::adjacent_find(sorted, meets);
    // Of the two the one that was given later: it is the surprise.
    return found == sorted.end() ? nullptr : std::max(found[0], found[1]);
}

result<address_ranges> parse_address_ranges(std::string_view text) {
    address_ranges list;
    for (bool is_more = true; is_more;) {
        const auto comma = text.find(',');
        is_more = comma != text.npos;
        const auto part = text.substr(0, comma);
        text.remove_prefix(is_more ? comma + 1 : text.size());
        const auto dash = part.find('-');
        const auto first = to_parsed(part.substr(0, dash));
        const auto last = dash == part.npos ? first : to_parsed(part.substr(dash + 1));
        if (!first || !last) {
            return refuse(part, "is not an IP address or a range of them");
        }
        const bool is_first_part = list.ranges_.empty();
        list.is_v6_ = is_first_part ? first->is_v6 : list.is_v6_;
        if (first->is_v6 != list.is_v6_ || last->is_v6 != list.is_v6_) {
            return refuse(part, "mixes IPv4 and IPv6, which cannot reach the same server");
        }
        for (const auto& end : {*first, *last}) {
            if (const auto why = unfit(end); !why.empty()) {
                return refuse(part, why);
            }
        }
        if (last->value < first->value) {
            return refuse(part, "ends before it begins");
        }
        const auto size = size_of(first->value, last->value);
        if (size == 0 || list.count() + size > address_ranges::most_addresses) {
            return refuse(part, "makes it more than 65,536 addresses");
        }
        list.ranges_.push_back({first->value, size, list.count()});
    }
    if (const auto* twice = list.overlapping(); twice != nullptr) {
        return refuse(list.text_of(*twice), "has an address that is already in the list");
    }
    return list;
}

} // namespace vsim::util
