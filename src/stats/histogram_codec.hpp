#pragma once
// A histogram as bytes, in HdrHistogram's V2 encoding (uncompressed). Values become nanoseconds
// with four significant digits, because that is what HdrHistogram's tools take values for and fine
// enough to keep every bucket of ours apart: each is written as its upper end. Reentrant.

#include "stats/histogram.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vsim::stats {

std::string encode(const histogram& h); // a few bytes for each bucket in use

// Of what encode() wrote; nullopt for anything else. Counts are as they were; minimum, maximum and
// mean are those of the buckets.
std::optional<histogram> decode(std::string_view bytes);

} // namespace vsim::stats
