#pragma once
// What several micro benchmarks measure with. A new benchmark is a function that takes a
// benchmark::State&, and a BENCHMARK line with the name it has in the table. Thread-bound.

#include "model/machine.hpp"
#include "model/schedule.hpp"
#include "util/clock.hpp"

#include <chrono>
#include <cstdint>

namespace vsim::bench {

inline constexpr std::uint64_t seed = 1;
inline constexpr std::chrono::seconds interval{3};
inline constexpr util::wall_time begin{std::chrono::seconds{1'795'400'000}};

// Agents and times that change with every iteration: no branch predictor and no cache line is met
// twice in a row that a fleet would not meet twice.
class samples {
public:
    model::machine machine() const { return {seed, index_}; }
    util::wall_time time() const { return time_; }
    void next() {
        index_ = (index_ + 1) % 1000;
        time_ += std::chrono::milliseconds{3};
    }

private:
    std::uint32_t index_ = 0;
    util::wall_time time_ = begin;
};

} // namespace vsim::bench
