#pragma once
// What happened, counted where it happens: one `shard` for each recording thread, merged by the
// reporter into a `snapshot`. Counters only grow; a snapshot is never behind an earlier one.

#include "stats/catalog.hpp"
#include "stats/histogram.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::stats {

struct error_count {
    std::uint64_t count = 0;
    std::string example; // the first message seen
};

// Plain values, summed over all shards.
struct snapshot {
    std::array<std::uint64_t, counter_count> counters{};
    std::array<histogram, latency_count> latencies{};
    std::map<std::string, error_count> errors; // by kind: "connect.unreachable"

    std::uint64_t operator[](counter c) const { return counters[static_cast<std::size_t>(c)]; }
    const histogram& operator[](latency l) const { return latencies[static_cast<std::size_t>(l)]; }
    std::uint64_t error_total() const;
};

// Thread-safe. Threads are spread over the shards: with as many shards as threads a counter costs
// an uncontended relaxed add, a latency an uncontended lock.
class recorder {
public:
    explicit recorder(unsigned shards); // at least 1 is made
    ~recorder();
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;

    void add(counter c, std::uint64_t n = 1);
    void record(latency l, util::nanoseconds value);
    // `kind` is short and stable: "auth.refused". `example` is kept for the first of each kind.
    void error(std::string_view kind, std::string_view example);

    // For progress lines and the time series: cheaper than a snapshot.
    std::uint64_t total(counter c) const;
    histogram total(latency l) const;
    std::uint64_t error_total() const;
    std::map<std::string, error_count> errors() const;
    snapshot take() const;

private:
    struct shard;
    shard& mine() const; // by thread
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace vsim::stats
