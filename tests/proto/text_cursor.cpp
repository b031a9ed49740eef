#include "proto/text_cursor.hpp"

#include "proto/json_writer.hpp"
#include "util/random.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using namespace vsim;
using proto::fixed_text;
using proto::text_cursor;

namespace {

// What `write` writes, into memory with no byte more than a cursor asks for.
std::string written(auto write, std::size_t room = 40) {
    std::vector<char> memory(room + 8);
    text_cursor out{memory.data()};
    write(out);
    REQUIRE(out.end() <= memory.data() + room);
    return {memory.data(), out.end()};
}
std::string integer(auto value) {
    return written([=](text_cursor& out) { out.integer(value); }, 20);
}
std::string hundredths(std::uint64_t value) {
    return written([=](text_cursor& out) { out.hundredths(value); });
}
std::string as_json(const auto& value) {
    std::string out;
    proto::json::write(out, value);
    return out;
}

} // namespace

TEST_CASE("integers are written as std::to_chars writes them") {
    std::vector<std::uint64_t> values{0, std::numeric_limits<std::uint64_t>::max()};
    for (std::uint64_t power = 1; power <= 1'000'000'000'000'000'000; power *= 10) {
        for (const auto near : {power - 1, power, power + 1, 9 * power, 3 * power + 7}) {
            values.push_back(near);
        }
        if (power == 1'000'000'000'000'000'000) {
            break;
        }
    }
    for (std::uint64_t n = 0; n < 20'000; ++n) {
        values.push_back(n);
        values.push_back(util::mix(n) >> (n % 64));
    }
    for (const auto v : values) {
        CHECK(integer(v) == std::to_string(v));
        CHECK(
            integer(static_cast<std::int64_t>(v)) == std::to_string(static_cast<std::int64_t>(v))
        );
    }
    CHECK(
        integer(std::numeric_limits<std::int64_t>::min()) ==
        std::to_string(std::numeric_limits<std::int64_t>::min())
    );
}

TEST_CASE("a percentage in hundredths is written as the shortest float and double are") {
    for (std::uint32_t n = 0; n <= 10'000; ++n) {
        CHECK(hundredths(n) == as_json(static_cast<float>(n / 100.0)));
        CHECK(hundredths(n) == as_json(n / 100.0));
    }
}

TEST_CASE("larger hundredths are written as the shortest double is") {
    for (std::uint64_t n = 0; n < 20'000; ++n) {
        const auto value = util::mix(n) >> (14 + n % 50); // below 2^50: a double tells them apart
        CHECK(hundredths(value) == as_json(static_cast<double>(value) / 100));
    }
}

TEST_CASE("an instant is written as by the generic writer") {
    const auto check = [](util::wall_time t) {
        if (t == util::wall_time{}) {
            return; // to the generic writer: never set
        }
        const auto text = written([t](text_cursor& out) { out.instant(t); });
        CHECK('"' + text + '"' == as_json(util::zoned_instant{t}));
    };
    for (const std::int64_t second :
         {0LL,
          -1LL,
          -9'000'000'000LL,
          951'782'400LL, // 29 February 2000
          1'795'492'055LL,
          4'102'444'799LL,
          9'000'000'000LL}) {
        for (const std::int64_t nanos :
             {0, 1, 10, 99, 500'000, 120'000'000, 123'456'789, 999'999'999, 100'000'000}) {
            check(util::from_unix_seconds(second) + util::nanoseconds{nanos});
        }
    }
    for (std::uint64_t n = 0; n < 5'000; ++n) {
        const auto nanos = static_cast<std::int64_t>(util::mix(n) / 2); // to the year 2262
        check(util::wall_time{util::nanoseconds{n % 2 == 0 ? nanos : -nanos}});
        check(util::wall_time{util::milliseconds{nanos / 1'000'000}});
    }
}

TEST_CASE("addresses are written byte by byte") {
    CHECK(written([](text_cursor& out) {
              out.mac_address(0x0f'0e'0d'0c'b0'0a);
          }) == "0A:B0:0C:0D:0E:0F");
    CHECK(written([](text_cursor& out) { out.ip_address(0); }) == "0.0.0.0");
    CHECK(written([](text_cursor& out) { out.ip_address(0x0aff'0963); }) == "10.255.9.99");
    CHECK(written([](text_cursor& out) { out.ip_address(0xffff'ffff); }) == "255.255.255.255");
}

TEST_CASE("a fixed text is copied to its last character and no further") {
    const auto text = [](const auto& t) {
        return written([&](text_cursor& out) {
            out.character('<');
            out.text(t);
            out.text(">");
        });
    };
    CHECK(text(fixed_text<4>{""}) == "<>");
    CHECK(text(fixed_text<4>{"ab"}) == "<ab>");
    CHECK(text(fixed_text<4>{"abcd"}) == "<abcd>");
    CHECK(text(fixed_text<16>::from("\"")) == "<\">");
}

TEST_CASE("plain is what the generic writer only puts in quotes") {
    for (int c = 0; c < 256; ++c) {
        for (const std::string around : {"", "a long name in front of "}) {
            const auto text = around + static_cast<char>(c);
            CHECK(proto::is_plain(text) == (as_json(text) == '"' + text + '"'));
        }
    }
}
