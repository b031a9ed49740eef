#include "agg/window.hpp"

namespace vsim::agg {

namespace {

using proto::granularity;

granularity at(std::size_t position) {
    return static_cast<granularity>(position);
}

// Which bucket a closed bucket moves into. Two-minute buckets do not nest in fifteen-minute ones
// (900 is no multiple of 120), so both are folded from five-second ones and nothing from two-minute
// ones.
constexpr std::size_t sec5 = proto::position(granularity::sec5);
constexpr std::size_t min2 = proto::position(granularity::min2);
constexpr std::size_t min15 = proto::position(granularity::min15);

bool lies_in(const bucket& b, std::size_t position, std::int64_t unix_seconds) {
    const auto& g = proto::granularities[position];
    const auto into = unix_seconds - proto::bucket_start(g.id, b.index);
    return b.index != -1 && into >= 0 && into < g.width.count();
}

} // namespace

std::size_t piece::size() const {
    std::size_t total = 0;
    for (const auto& list : buckets) {
        total += list.size();
    }
    return total;
}

void piece::clear() {
    for (auto& list : buckets) {
        list.clear();
    }
}

std::size_t window::add(const reading& r, granularity finest, piece& closed) {
    const auto first = proto::position(finest);
    std::size_t count = 0;
    // Most readings stay in their five seconds, and every bucket ends where one of those does.
    if (finest != granularity::sec5 || !lies_in(open_[sec5], sec5, r.unix_seconds)) {
        count = close(r.unix_seconds, closed);
    }
    fold(open_[first], finest, r);
    if (finest == granularity::min2) {
        fold(open_[min15], granularity::min15, r);
    }
    return count;
}

std::size_t window::close(std::int64_t unix_seconds, piece& closed) {
    // A bucket that the reading leaves behind closes, finest first: it is then complete, and what
    // it holds moves into the next coarser one, which may close in turn. Also those finer than what
    // is filled now: a walk may go on after a gap from which only coarse buckets are kept.
    std::size_t count = 0;
    for (std::size_t i = 0; i < proto::granularity_count; ++i) {
        bucket& open = open_[i];
        if (open.index == -1 || lies_in(open, i, unix_seconds)) {
            continue;
        }
        if (i == sec5) {
            fold(open_[min2], at(min2), open, at(i));
        }
        if (i != min2 && i + 1 < proto::granularity_count) {
            const auto parent = i == sec5 ? min15 : i + 1;
            fold(open_[parent], at(parent), open, at(i));
        }
        closed.buckets[i].push_back(open);
        open = bucket{};
        ++count;
    }
    return count;
}

bucket window::open(granularity g) const {
    bucket whole = open_[sec5];
    for (std::size_t i = sec5 + 1; i <= proto::position(g); ++i) {
        if (i == min2 && g != granularity::min2) {
            continue;
        }
        const auto finer_at = i == min15 ? sec5 : i - 1;
        const bucket finer = whole;
        whole = open_[i];
        fold(whole, at(i), finer, at(finer_at));
    }
    return whole;
}

void window::append_open(piece& out) const {
    for (std::size_t i = 0; i < proto::granularity_count; ++i) {
        const bucket whole = open(at(i));
        if (whole.index != -1) {
            out.buckets[i].push_back(whole);
        }
    }
}

} // namespace vsim::agg
