#pragma once
// The run second by second, in bounded memory: when there are more than `capacity` points,
// neighbours are joined two by two and every further point covers twice the time. A plain value;
// thread-bound.

#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vsim::stats {

// Another process, in one stretch. Joined: the mean over time of what is a rate, the greater of the
// rest.
struct watched_point {
    double cpu_pct = 0; // of one core
    std::uint64_t rss_bytes = 0;
    std::uint32_t threads = 0;
    // Absent: not ours to see.
    std::optional<std::uint32_t> fds{};
    std::optional<double> read_bytes_per_s{}; // from and to the disk, as /proc/PID/io tells it
    std::optional<double> written_bytes_per_s{};

    bool operator==(const watched_point&) const = default;
};

// `t` is the end of the stretch the point stands for, since the start of the run. Counts are those
// of the stretch alone; gauges are those at its end, except where a joined point says otherwise.
struct timeline_point {
    util::nanoseconds t{0};
    std::uint64_t connected = 0;
    std::uint64_t metrics_sent = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t errors = 0;
    std::uint64_t missed = 0;
    // Joined: the greater of the two, an upper bound. Absent: there was none in the stretch.
    std::optional<util::nanoseconds> send_lag_p99{};
    std::optional<util::nanoseconds> fence_p50{}, fence_p99{};
    std::optional<util::nanoseconds> fence_uncorrected_p99{};
    std::optional<util::nanoseconds> freshness_p50{}, freshness_p95{};
    std::optional<util::nanoseconds> history_read_p95{};
    double cpu_pct = 0;          // of one core; joined: the mean over time
    std::uint64_t rss_bytes = 0; // joined: the greater of the two
    // Of the machine's cores, taken by other machines that share them; joined: the mean over time.
    std::optional<double> steal_pct{};
    std::optional<watched_point> server{}; // the process of --watch-pid

    bool operator==(const timeline_point&) const = default;
};

class timeline {
public:
    static constexpr std::size_t default_capacity = 4096;

    explicit timeline(std::size_t capacity = default_capacity); // at least 2
    void add(const timeline_point& next);                       // `t` grows
    std::vector<timeline_point> points() const; // the last may cover less than the others

private:
    std::size_t capacity_;
    std::vector<timeline_point> points_; // `stride_` added points each
    std::optional<timeline_point> open_; // fewer than `stride_` added points so far
    std::size_t in_open_ = 0;
    std::size_t stride_ = 1;
};

} // namespace vsim::stats
