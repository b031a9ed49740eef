#include "stats/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>

namespace vsim::stats {
namespace {

template <class Enum>
constexpr std::size_t slot(Enum e) {
    return static_cast<std::size_t>(e);
}

// Numbered as they first record anything: consecutive threads get different shards.
std::size_t thread_number() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
    return mine;
}

} // namespace

// A cache line of its own, so that threads do not slow each other by counting.
struct alignas(64) recorder::shard {
    std::array<std::atomic<std::uint64_t>, counter_count> counters{};

    alignas(64) mutable std::mutex mutex; // guards what follows
    std::array<histogram, latency_count> latencies;
    std::map<std::string, error_count, std::less<>> errors;
};

std::uint64_t snapshot::error_total() const {
    std::uint64_t total = 0;
    for (const auto& [kind, error] : errors) {
        total += error.count;
    }
    return total;
}

recorder::recorder(unsigned shards) {
    for (unsigned i = 0; i < std::max(1U, shards); ++i) {
        shards_.push_back(std::make_unique<shard>());
    }
}

recorder::~recorder() = default;

recorder::shard& recorder::mine() const {
    return *shards_[thread_number() % shards_.size()];
}

void recorder::add(counter c, std::uint64_t n) {
    mine().counters[slot(c)].fetch_add(n, std::memory_order_relaxed);
}

void recorder::record(latency l, util::nanoseconds value) {
    auto& own = mine();
    const std::lock_guard lock{own.mutex};
    own.latencies[slot(l)].record(value);
}

void recorder::error(std::string_view kind, std::string_view example) {
    auto& own = mine();
    const std::lock_guard lock{own.mutex};
    auto found = own.errors.find(kind);
    if (found == own.errors.end()) {
        found = own.errors.emplace(kind, error_count{0, std::string{example}}).first;
    }
    ++found->second.count;
}

std::uint64_t recorder::total(counter c) const {
    std::uint64_t sum = 0;
    for (const auto& s : shards_) {
        sum += s->counters[slot(c)].load(std::memory_order_relaxed);
    }
    return sum;
}

histogram recorder::total(latency l) const {
    histogram sum;
    for (const auto& s : shards_) {
        const std::lock_guard lock{s->mutex};
        sum.merge(s->latencies[slot(l)]);
    }
    return sum;
}

std::uint64_t recorder::error_total() const {
    std::uint64_t sum = 0;
    for (const auto& s : shards_) {
        const std::lock_guard lock{s->mutex};
        for (const auto& [kind, error] : s->errors) {
            sum += error.count;
        }
    }
    return sum;
}

std::map<std::string, error_count> recorder::errors() const {
    std::map<std::string, error_count> sum;
    for (const auto& s : shards_) {
        const std::lock_guard lock{s->mutex};
        for (const auto& [kind, error] : s->errors) {
            auto& merged = sum.try_emplace(kind, error_count{0, error.example}).first->second;
            merged.count += error.count;
        }
    }
    return sum;
}

snapshot recorder::take() const {
    snapshot result;
    for (std::size_t i = 0; i < counter_count; ++i) {
        result.counters[i] = total(static_cast<counter>(i));
    }
    for (const auto& s : shards_) {
        const std::lock_guard lock{s->mutex};
        for (std::size_t i = 0; i < latency_count; ++i) {
            result.latencies[i].merge(s->latencies[i]);
        }
    }
    result.errors = errors();
    return result;
}

} // namespace vsim::stats
