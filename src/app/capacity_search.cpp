#include "app/capacity_search.hpp"

#include <algorithm>
#include <cassert>

namespace vsim::app {
namespace {

// Near enough to be the answer.
bool is_narrow(std::uint32_t accepted, std::uint32_t rejected, double resolution) {
    const auto gap = rejected - accepted;
    return gap <= 1 || gap <= resolution * accepted;
}

std::uint32_t middle(std::uint32_t accepted, std::uint32_t rejected) {
    return accepted + (rejected - accepted) / 2;
}

// Steps until the gap is narrow, whichever half the limit is in.
std::uint32_t most_halvings(std::uint32_t accepted, std::uint32_t rejected, double resolution) {
    if (is_narrow(accepted, rejected, resolution)) {
        return 0;
    }
    const auto mid = middle(accepted, rejected);
    return 1 +
           std::max(
               most_halvings(accepted, mid, resolution), most_halvings(mid, rejected, resolution)
           );
}

} // namespace

std::optional<capacity_search::step> capacity_search::next() const {
    if (!accepted_) {
        return rejected_ ? std::nullopt : std::optional{step{from_, repeats_}};
    }
    if (!rejected_) {
        if (*accepted_ >= to_) {
            return std::nullopt;
        }
        const auto doubled = std::min<std::uint64_t>(std::uint64_t{*accepted_} * 2, to_);
        return step{static_cast<std::uint32_t>(doubled), repeats_};
    }
    if (is_narrow(*accepted_, *rejected_, resolution_)) {
        return std::nullopt;
    }
    return step{middle(*accepted_, *rejected_), repeats_};
}

bool capacity_search::record(bool is_accepted, bool is_borderline) {
    const auto now = next();
    assert(now);
    if (is_borderline && !now->is_repeat) {
        repeats_ = true;
        return false;
    }
    repeats_ = false;
    (is_accepted ? accepted_ : rejected_) = now->agents;
    return true;
}

std::uint32_t most_steps(std::uint32_t from, std::uint32_t to, double resolution) {
    std::uint32_t steps = 1; // steps so far, the last of them at `size`
    std::uint32_t most = 1;
    for (auto size = from; size < to; ++steps) {
        const auto next =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{size} * 2, to));
        most = std::max(most, steps + 1 + most_halvings(size, next, resolution));
        size = next;
    }
    return most;
}

} // namespace vsim::app
