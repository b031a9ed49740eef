#pragma once
// Seconds since 1970 → RFC 3339 text over the whole range of years that has four digits, which the
// nanoseconds of util::wall_time do not reach. Reentrant.

#include "proto/bucket.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace vsim::server {

// "2026-11-24T03:00:01Z", or with "+08:00" the same instant in that zone; "" outside 0000..9999.
std::string instant_text(std::int64_t unix_seconds, std::chrono::minutes offset = {});

// The start of a bucket. Any index will do: agents send what they like, and one that is no bucket
// of a year with four digits gives "".
std::string bucket_text(proto::granularity g, std::int64_t index);

} // namespace vsim::server
