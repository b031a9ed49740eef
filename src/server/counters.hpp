#pragma once
// The figures of `status` that many connections count at once. Thread-safe; relaxed, because nobody
// concludes anything from the order of two of them.

#include <atomic>
#include <cstdint>

namespace vsim::server {

class tally {
public:
    void operator++() { value_.fetch_add(1, std::memory_order_relaxed); }
    void operator--() { value_.fetch_sub(1, std::memory_order_relaxed); }
    operator std::uint64_t() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

// Names and meaning as in status.
struct counters {
    tally auth_ok, metrics, aggregated, batches;
    tally auth_refused, auth_unanswered, undecodable, unknown_type, not_authenticated,
        without_metrics, lost;
    tally agents, viewers, viewers_dropped, requests;
};

} // namespace vsim::server
