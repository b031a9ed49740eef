#include "stats/latency_slices.hpp"

#include "stats/histogram_codec.hpp"

#include <algorithm>
#include <utility>

namespace vsim::stats {
namespace {

latency_slice join(const latency_slice& first, const latency_slice& next) {
    latency_slice both{first.from, next.until, {}};
    for (std::size_t i = 0; i < latency_count; ++i) {
        if (first.encoded[i].empty() || next.encoded[i].empty()) {
            both.encoded[i] = first.encoded[i] + next.encoded[i];
            continue;
        }
        auto sum = decode(first.encoded[i]).value();
        sum.merge(decode(next.encoded[i]).value());
        both.encoded[i] = encode(sum);
    }
    return both;
}

} // namespace

latency_slices::latency_slices(const recorder& from, util::nanoseconds width, std::size_t capacity)
    : from_{&from}, width_{width}, capacity_{std::max<std::size_t>(2, capacity / 2 * 2)} {
    for (std::size_t i = 0; i < latency_count; ++i) {
        totals_[i] = from_->total(static_cast<latency>(i));
    }
}

void latency_slices::sample(util::nanoseconds t, bool is_last) {
    if (t - ended_ < width_ && !is_last) {
        return;
    }
    if (slices_.size() == capacity_) {
        for (std::size_t i = 0; i < capacity_; i += 2) {
            slices_[i / 2] = join(slices_[i], slices_[i + 1]);
        }
        slices_.resize(capacity_ / 2);
        width_ *= 2;
        if (t - ended_ < width_ && !is_last) {
            return;
        }
    }
    latency_slice made{ended_, t, {}};
    bool is_empty = true;
    for (std::size_t i = 0; i < latency_count; ++i) {
        auto now = from_->total(static_cast<latency>(i));
        if (now.count() > totals_[i].count()) {
            made.encoded[i] = encode(now.since(totals_[i]));
            totals_[i] = std::move(now);
            is_empty = false;
        }
    }
    if (!is_empty || !is_last) {
        slices_.push_back(std::move(made));
    }
    ended_ = t;
}

} // namespace vsim::stats
