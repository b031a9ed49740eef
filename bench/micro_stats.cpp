// Counting, as every message does it.

#include "stats/histogram.hpp"
#include "stats/recorder.hpp"
#include "util/random.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>

namespace vsim::bench {
namespace {

// Send lags: most below 5 ms, some far above.
class lags {
public:
    lags() {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const auto limit = i % 100 == 0 ? 60'000'000U : 5'000'000U;
            values_[i] = std::chrono::nanoseconds{util::below(util::hash(1, 2, i), limit)};
        }
    }
    std::chrono::nanoseconds next() { return values_[++at_ % values_.size()]; }

private:
    std::array<std::chrono::nanoseconds, 4096> values_;
    std::size_t at_ = 0;
};

void histogram_record(benchmark::State& state) {
    lags values;
    stats::histogram h;
    for (auto _ : state) {
        h.record(values.next());
    }
    benchmark::DoNotOptimize(h.count());
}
BENCHMARK(histogram_record)->Name("histogram::record");

void recorder_record(benchmark::State& state) {
    lags values;
    stats::recorder r{2};
    for (auto _ : state) {
        r.record(stats::latency::send_lag, values.next());
    }
}
BENCHMARK(recorder_record)->Name("recorder::record");

void recorder_add(benchmark::State& state) {
    stats::recorder r{2};
    for (auto _ : state) {
        r.add(stats::counter::metrics_sent);
    }
}
BENCHMARK(recorder_add)->Name("recorder::add");

} // namespace
} // namespace vsim::bench
