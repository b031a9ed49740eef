// Frames: header and mask.

#include "net/frame_writer.hpp"

#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <string>

namespace vsim::bench {
namespace {

void header(benchmark::State& state) {
    std::uint64_t size = 1900;
    for (auto _ : state) {
        const auto key = net::fresh_mask_key();
        benchmark::DoNotOptimize(net::make_header(net::opcode::text, true, size, key));
        size = size == 1900 ? 1901 : 1900;
    }
}
BENCHMARK(header)->Name("frame header with a fresh mask key");

template <std::size_t Size>
void mask(benchmark::State& state) {
    const std::string from(Size, 'x');
    std::string to(from.size(), '\0');
    const auto key = net::fresh_mask_key();
    for (auto _ : state) {
        net::mask_into(to.data(), from, key, 0);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(Size));
}
BENCHMARK(mask<2 * 1024>)->Name("mask 2 KB");
BENCHMARK(mask<256 * 1024>)->Name("mask 256 KB");

} // namespace
} // namespace vsim::bench
