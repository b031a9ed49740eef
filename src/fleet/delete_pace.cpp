#include "fleet/delete_pace.hpp"

#include <algorithm>

namespace vsim::fleet {
namespace {

// The save comes 5 s after the first change: a second less for a delete that is slow to be
// answered, two more for that and for the save itself.
constexpr util::seconds delete_span{4};

} // namespace

util::nanoseconds delete_pace::rest_before_next(util::steady_time now) {
    if (!first_) {
        first_ = now;
    }
    if (now - *first_ < delete_span) {
        return util::nanoseconds{0};
    }
    const auto start = std::max(*first_ + save_is_over, now);
    const auto rest = start - now;
    first_ = start;
    return rest;
}

} // namespace vsim::fleet
