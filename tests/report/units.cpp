#include "report/units.hpp"

#include <doctest/doctest.h>

using namespace vsim::report;
using namespace std::chrono_literals;

TEST_CASE("counts are grouped by thousands") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1'234'567) == "1,234,567");
}

TEST_CASE("sizes and rates have three digits and a unit") {
    CHECK(bytes_text(0) == "0 B");
    CHECK(bytes_text(999) == "999 B");
    CHECK(bytes_text(1000) == "1.00 kB");
    CHECK(bytes_text(999'600) == "1.00 MB");
    CHECK(bytes_text(170'775'000) == "171 MB");
    CHECK(byte_rate_text(2'750'000) == "2.75 MB/s");
    CHECK(rate_text(0) == "0/s");
    CHECK(rate_text(0.25) == "0.250/s");
    CHECK(rate_text(83.33) == "83.3/s");
    CHECK(rate_text(1666.7) == "1,667/s");
    CHECK(per_second(10, 0s) == 0);
    CHECK(per_second(10, 4s) == 2.5);
}

TEST_CASE("times are readable at every size") {
    CHECK(ms_text(0ns) == "0");
    CHECK(ms_text(123us) == "0.123");
    CHECK(ms_text(9996us) == "10.0");
    CHECK(ms_text(1234ms) == "1234");
    CHECK(ms_text(1h) == "3600s");
    CHECK(seconds_text(213ms) == "0.213 s");
    CHECK(seconds_text(61'200ms) == "61.2 s");
    CHECK(seconds_text(200s) == "3 min 20 s");
    CHECK(seconds_text(2h + 5min + 59s) == "2 h 5 min");
}

TEST_CASE("text is measured, cut and wrapped by characters") {
    CHECK(columns("µs") == 2);
    CHECK(columns("\x1b[31mred\x1b[0m") == 3);
    CHECK(cut("abcdef", 6) == "abcdef");
    CHECK(cut("µµµµ", 3) == "µµ…");
    CHECK(wrapped("a bc def", 4) == std::vector<std::string>{"a bc", "def"});
    CHECK(wrapped("abcdefgh ij", 5) == std::vector<std::string>{"abcde", "fgh", "ij"});
    CHECK(wrapped("", 5) == std::vector<std::string>{""});
}
