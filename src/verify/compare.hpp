#pragma once
// One agent's expected rows against its stored ones: what is missing, altered, foreign or there
// twice. Sums and counts have to be exact; where the wire or the server rounds, the tolerance is
// that rounding and no more (the table is in compare.cpp). Reentrant.

#include "verify/expected.hpp"
#include "verify/rows.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::verify {

struct counts {
    std::uint64_t expected = 0; // found + missing
    std::uint64_t found = 0;    // of those expected, altered ones included
    std::uint64_t missing = 0, altered = 0, foreign = 0;
    counts& operator+=(const counts& other);
    bool is_clean() const { return missing + altered + foreign == 0; }
};

enum class kind { missing, altered, foreign, twice };
std::string_view name(kind k);

// Columns of a row that is not as it was sent. Which of them, in words of the tables.
struct field_difference {
    std::string_view field;
    double expected = 0, found = 0, tolerance = 0;
};

struct difference {
    kind what = kind::missing;
    proto::granularity granularity{};
    bool is_raw = false;     // of samples; then the bucket is of five seconds
    std::string_view target; // of a ping row; "" = metrics. Borrowed for the call
    std::int64_t bucket = 0;
    field_difference field{}; // the first that is off; empty: the whole row
};

struct agent_counts {
    by_granularity<counts> metrics, pings;
    counts raw; // samples
    std::uint64_t twice = 0;
    bool is_clean() const;
    agent_counts& operator+=(const agent_counts& other);
};

using on_difference = std::function<void(const difference&)>;

// Only what was read is compared.
agent_counts
compare(const expected_rows& expected, const stored_rows& stored, const on_difference& tell);

} // namespace vsim::verify
