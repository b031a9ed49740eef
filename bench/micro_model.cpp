// Sample, fold and the walk over the past.

#include "agg/message.hpp"
#include "agg/window.hpp"
#include "micro.hpp"
#include "model/history.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace vsim::bench {
namespace {

using namespace std::chrono_literals;

void read(benchmark::State& state) {
    samples s;
    for (auto _ : state) {
        benchmark::DoNotOptimize(s.machine().read(s.time()));
        s.next();
    }
}
BENCHMARK(read)->Name("history sample (machine::read)");

void sample(benchmark::State& state) {
    samples s;
    for (auto _ : state) {
        benchmark::DoNotOptimize(s.machine().sample(s.time(), interval));
        s.next();
    }
}
BENCHMARK(sample)->Name("realtime sample (machine::sample)");

// Readings of one agent in time order, as a walk folds them.
void fold(benchmark::State& state) {
    constexpr std::size_t count = 2400; // two hours
    const model::machine m{seed, 0};
    std::vector<agg::reading> readings;
    for (std::size_t i = 0; i < count; ++i) {
        readings.push_back(m.read(begin + i * interval));
    }
    agg::piece closed;
    agg::window window;
    std::size_t next = 0;
    for (auto _ : state) {
        window.add(readings[next], proto::granularity::sec5, closed);
        if (++next == count) {
            next = 0;
            window = {};
            closed.clear();
        }
    }
    benchmark::DoNotOptimize(closed.size());
}
BENCHMARK(fold)->Name("fold one sample (window::add)");

// As agent::send_range does it, without the connection.
constexpr std::size_t buckets_a_message = 250;

void history(benchmark::State& state) {
    std::string text;
    agg::piece piece;
    std::size_t bytes = 0;
    samples s;
    for (auto _ : state) {
        const auto m = s.machine();
        const model::schedule when{seed, 0, interval};
        model::history walk{m, when, {}, s.time() - 2h, s.time()};
        while (walk.next(piece, buckets_a_message)) {
            text.clear();
            agg::append_message(text, piece, m.targets());
            bytes += text.size();
        }
        s.next();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(history)->Name("history of 2 h: walk and encode")->Unit(benchmark::kMicrosecond);

void encode_buckets(benchmark::State& state) {
    const model::machine m{seed, 0};
    const model::schedule when{seed, 0, interval};
    model::history walk{m, when, {}, begin - 2h, begin};
    agg::piece piece;
    walk.next(piece, buckets_a_message);
    std::string text;
    std::size_t bytes = 0;
    for (auto _ : state) {
        text.clear();
        agg::append_message(text, piece, m.targets());
        bytes += text.size();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(encode_buckets)->Name("encode 250 buckets (append_message)");

} // namespace
} // namespace vsim::bench
