#pragma once
// Text of what is sent most, written without allocation into memory that is known to be large
// enough. json_writer.hpp is for everything else, and the oracle of this in tests. Reentrant.

#include "util/clock.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vsim::proto {

// Nothing in it that JSON would escape.
constexpr bool is_plain(std::string_view s) {
    bool plain = true;
    for (const char c : s) { // no early exit, so that it becomes vector instructions
        plain &= static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    }
    return plain;
}

// A short text in N bytes, so that a cursor copies it without a loop or a call.
template <std::size_t N>
class fixed_text {
public:
    // Plain, or it does not compile.
    template <std::size_t Size>
    consteval fixed_text(const char (&text)[Size]) : fixed_text{from({text, Size - 1})} {
        if (!is_plain(view())) {
            throw "needs escaping";
        }
    }
    // Precondition: at most N bytes.
    static constexpr fixed_text from(std::string_view text) {
        assert(text.size() <= N);
        fixed_text t;
        std::ranges::copy(text, t.bytes_.begin());
        t.size_ = static_cast<std::uint8_t>(text.size());
        return t;
    }

    constexpr std::string_view view() const { return {bytes_.data(), size_}; }

private:
    static_assert(N < 256);
    friend class text_cursor;
    constexpr fixed_text() = default;

    std::array<char, N> bytes_{};
    std::uint8_t size_ = 0;
};

namespace digits {

// Up to three characters, and in the last byte how many.
using few = std::array<char, 4>;

constexpr char last_of(std::size_t value) {
    return static_cast<char>('0' + value % 10);
}

// 0 ... 255
inline constexpr auto small = [] {
    std::array<few, 256> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = i < 10    ? few{last_of(i), 0, 0, 1}
                 : i < 100 ? few{last_of(i / 10), last_of(i), 0, 2}
                           : few{last_of(i / 100), last_of(i / 10), last_of(i), 3};
    }
    return all;
}();

// What 0 ... 99 hundredths look like behind a whole number: "", ".01" ... ".1" ... ".99".
inline constexpr auto fractions = [] {
    std::array<few, 100> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const char size = i == 0 ? 0 : i % 10 == 0 ? 2 : 3;
        all[i] = {'.', last_of(i / 10), last_of(i), size};
    }
    return all;
}();

inline constexpr std::uint64_t ten_to_8 = 100'000'000;

// Numbers below 10^4, 32 bits apart in a word → their digits, one a byte, each number's first one
// lowest: halved and halved again side by side. The products divide by 100 and by 10: 5243 / 2^19
// and 103 / 2^10 are exact below 10^4 and 10^2.
template <class Word>
constexpr Word of_fours(Word fours) {
    const auto mask = [](std::uint64_t bits) { return static_cast<Word>(bits); };
    const Word upper = (fours * 5243 >> 19) & mask(0x0000'007f'0000'007f);
    const Word twos = upper | (fours - 100 * upper) << 16;
    const Word tens = (twos * 103 >> 10) & mask(0x000f'000f'000f'000f);
    return tens | (twos - 10 * tens) << 8;
}

// The eight digits of a value below 10^8, the first one lowest.
constexpr std::uint64_t eight(std::uint64_t value) {
    return of_fours<std::uint64_t>(value / 10'000 | value % 10'000 << 32);
}

} // namespace digits

// Where the next character goes. What is written may reach past end() by eight bytes, or by the N
// of a fixed_text.
class text_cursor {
public:
    explicit text_cursor(char* at) : at_{at} {}
    char* end() const { return at_; }

    void character(char c) { *at_++ = c; }
    void text(std::string_view s) {
        std::memcpy(at_, s.data(), s.size());
        at_ += s.size();
    }
    template <std::size_t N>
    void text(const fixed_text<N>& s) {
        std::memcpy(at_, s.bytes_.data(), N);
        at_ += s.size_;
    }

    // Inlined, so that a cursor lives in a register. In memory each step waits for the store of the
    // one before, which doubles the time.
    [[gnu::always_inline]] void integer(std::uint64_t value) {
        if (value < digits::small.size()) {
            few(digits::small[value]);
        } else {
            at_ = integer_at(at_, value);
        }
    }
    void integer(std::int64_t value) {
        if (value < 0) {
            character('-');
        }
        const auto magnitude = static_cast<std::uint64_t>(value);
        integer(value < 0 ? 0 - magnitude : magnitude);
    }
    // 1234 → 12.34, 1230 → 12.3, 1200 → 12: the shortest decimal, as a double would be printed.
    [[gnu::always_inline]] void hundredths(std::uint64_t value) {
        integer(value / 100);
        few(digits::fractions[value % 100]);
    }
    // 0A:0B:0C:0D:0E:0F, the lowest byte first.
    void mac_address(std::uint64_t bytes) {
        constexpr std::string_view hex = "0123456789ABCDEF";
        for (int i = 0; i < 6; ++i, bytes >>= 8) {
            at_[0] = hex[bytes >> 4 & 15];
            at_[1] = hex[bytes & 15];
            at_[2] = ':';
            at_ += 3;
        }
        --at_;
    }
    // 192.168.0.1, the highest byte first.
    void ip_address(std::uint32_t bytes) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            few(digits::small[bytes >> shift & 255]);
            character('.');
        }
        --at_;
    }
    // RFC 3339 in UTC, the fraction as long as it must be: 2026-11-24T03:46:33.12Z.
    void instant(util::wall_time t) {
        const auto second = std::chrono::floor<std::chrono::seconds>(t);
        const auto day = std::chrono::floor<std::chrono::days>(second);
        const std::chrono::year_month_day date{day};
        const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
        const auto of_day = static_cast<unsigned>((second - day).count());
        two_digits(year / 100);
        two_digits(year % 100, '-');
        two_digits(static_cast<unsigned>(date.month()), '-');
        two_digits(static_cast<unsigned>(date.day()), 'T');
        two_digits(of_day / 3600, ':');
        two_digits(of_day / 60 % 60, ':');
        two_digits(of_day % 60);
        if (t != second) {
            fraction(static_cast<std::uint64_t>((t - second).count()));
        }
        character('Z');
    }

private:
    static_assert(std::endian::native == std::endian::little, "a word's lowest byte comes first");

    void few(const digits::few& f) {
        std::memcpy(at_, f.data(), f.size());
        at_ += f.back();
    }
    void two_digits(unsigned value) {
        at_[0] = digits::last_of(value / 10);
        at_[1] = digits::last_of(value);
        at_ += 2;
    }
    void two_digits(unsigned value, char after) {
        two_digits(value);
        character(after);
    }
    void fraction(std::uint64_t nanos) {
        character('.');
        character(digits::last_of(nanos / digits::ten_to_8));
        const auto rest = digits::eight(nanos % digits::ten_to_8);
        put(at_, rest);
        at_ += 8 - std::countl_zero(rest) / 8;
    }

    template <class Word>
    static void put(char* at, Word digits) {
        digits |= static_cast<Word>(0x3030'3030'3030'3030);
        std::memcpy(at, &digits, sizeof digits);
    }
    // Without leading zeros. Precondition: there is a digit that is none.
    template <class Word>
    static char* put_trimmed(char* at, Word digits) {
        const auto zeros = std::countr_zero(digits) / 8;
        put<Word>(at, digits >> (8 * zeros));
        return at + static_cast<int>(sizeof digits) - zeros;
    }
    // Precondition: 0 < value < 10^8.
    static char* put_leading(char* at, std::uint64_t value) {
        return value < 10'000 ? put_trimmed(at, digits::of_fours(static_cast<std::uint32_t>(value)))
                              : put_trimmed(at, digits::eight(value));
    }
    static char* put_eight(char* at, std::uint64_t value) {
        put(at, digits::eight(value));
        return at + 8;
    }
    // A call, because there are many, and from address to address: see integer().
    [[gnu::noinline]] static char* integer_at(char* at, std::uint64_t value) {
        if (value < digits::ten_to_8) {
            return put_leading(at, value);
        }
        const auto high = value / digits::ten_to_8;
        if (high < digits::ten_to_8) {
            at = put_leading(at, high);
        } else {
            at = put_leading(at, high / digits::ten_to_8);
            at = put_eight(at, high % digits::ten_to_8);
        }
        return put_eight(at, value % digits::ten_to_8);
    }

    char* at_;
};

} // namespace vsim::proto
