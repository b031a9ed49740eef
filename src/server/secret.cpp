#include "server/secret.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <sys/random.h>

namespace vsim::server {

namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> random_bytes() {
    static_assert(Size <= 256, "up to here getrandom is never cut short");
    std::array<std::uint8_t, Size> bytes{};
    while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        if (errno != EINTR) {
            throw std::runtime_error{"getrandom failed"};
        }
    }
    return bytes;
}

} // namespace

std::string random_uuid() {
    auto b = random_bytes<16>();
    b[6] = static_cast<std::uint8_t>((b[6] & 0x0f) | 0x40);
    b[8] = static_cast<std::uint8_t>((b[8] & 0x3f) | 0x80);
    std::string text;
    for (std::size_t i = 0; i < b.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        fmt::format_to(std::back_inserter(text), "{:02x}", b[i]);
    }
    return text;
}

std::string random_token() {
    const auto bytes = random_bytes<32>();
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::string random_password() {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    std::string text;
    while (text.size() < 16) {
        const auto byte = random_bytes<1>()[0];
        // Whole multiples only, or the first letters would come more often.
        if (byte < 256 / letters.size() * letters.size()) {
            text += letters[byte % letters.size()];
        }
    }
    return text;
}

bool same_secret(std::string_view given, std::string_view right) {
    unsigned difference = given.size() == right.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const char other = right.empty() ? '\0' : right[i % right.size()];
        difference |= static_cast<unsigned char>(given[i] ^ other);
    }
    return difference == 0;
}

} // namespace vsim::server
