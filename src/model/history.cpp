#include "model/history.hpp"

#include <algorithm>

namespace vsim::model {

namespace {

using proto::granularity;
using std::chrono::seconds;

// How far apart samples are where `g` is the finest granularity kept. Each step divides the width
// of every granularity kept there (30 s: 120 s and 900 s), so a sample never stands for time in two
// buckets.
seconds step_at(granularity g) {
    switch (g) {
    case granularity::sec5:
        return seconds{0};
    case granularity::min2:
        return seconds{30};
    case granularity::min15:
        return seconds{225};
    case granularity::hourly:
        return seconds{900};
    case granularity::daily:
        return seconds{4 * 3600};
    }
    return seconds{0};
}

constexpr util::nanoseconds instant{1}; // the smallest difference of two times

util::wall_time floor_to(util::wall_time t, seconds width) {
    return util::wall_time{t.time_since_epoch() / width * width};
}

} // namespace

first_buckets retained_at(util::wall_time now) {
    first_buckets first{};
    for (const auto& g : proto::granularities) {
        first[proto::position(g.id)] = proto::bucket_index(g.id, now - g.retention);
    }
    return first;
}

history::history(
    const machine& m,
    const schedule& s,
    const agg::window& start,
    util::wall_time from,
    util::wall_time to
)
    : history{m, s, start, from, to, to, retained_at(to)} {}

history::history(
    const machine& m,
    const schedule& s,
    const agg::window& start,
    util::wall_time from,
    util::wall_time to,
    util::wall_time anchor,
    const first_buckets& first
)
    : machine_{m}, schedule_{s}, window_{start}, first_{first}, to_{to}, next_{from + instant} {
    // The tier of granularity g ends where the next finer one's retention begins, on a boundary of
    // g.
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
        const auto g = static_cast<granularity>(tiers_.size() - 1 - i);
        auto end = to + instant;
        if (g != granularity::sec5) {
            const auto& finer = proto::granularities[proto::position(g) - 1];
            end = floor_to(anchor - finer.retention, proto::facts(g).width);
        }
        tiers_[i] = {end, step_at(g), g};
    }
}

std::size_t history::take(const tier& t) {
    util::wall_time at;
    std::int64_t weight = 1;
    if (t.step.count() == 0) {
        // Mostly one interval after the last: that is told without a division.
        at = next_ == last_ + instant ? last_ + schedule_.interval() : schedule_.at_or_after(next_);
        next_ = at + instant;
    } else {
        // The rest of the step that next_ lies in. The last of its samples stands for all of them,
        // because counters are what a bucket ends with; so a step also ends where an incident
        // begins or ends.
        const auto end = std::min(
            {floor_to(next_, t.step) + t.step,
             t.end,
             to_ + instant,
             machine_.fate().next_change(next_)}
        );
        weight = schedule_.count(next_ - instant, end - instant);
        at = schedule_.at_or_before(end - instant);
        next_ = end;
    }
    if (weight == 0 || at >= t.end) {
        next_ = std::min(next_, t.end);
        return 0;
    }
    if (machine_.fate().is_silent(at)) [[unlikely]] {
        next_ = std::min({machine_.fate().next_change(at), t.end, to_ + instant});
        return 0;
    }
    last_ = at;
    machine_.read(at, reading_);
    reading_.weight = static_cast<std::uint32_t>(weight);
    return window_.add(reading_, t.finest, closed_);
}

util::wall_time history::position() const {
    return std::min(next_ - instant, to_);
}

void history::drop_unwanted(agg::piece& p) const {
    for (std::size_t g = 0; g < proto::granularity_count; ++g) {
        auto& list = p.buckets[g];
        const auto wanted =
            std::ranges::find_if(list, [&](const agg::bucket& b) { return b.index >= first_[g]; });
        list.erase(list.begin(), wanted); // they are in time order
    }
}

bool history::next(agg::piece& out, std::size_t max_buckets) {
    out.clear();
    if (finished_) {
        return false;
    }
    std::swap(out, closed_); // the caller's memory is filled, not ours
    std::size_t count = closed_.size();
    while (next_ <= to_ && count < max_buckets) {
        while (next_ >= tiers_[tier_].end) {
            ++tier_;
        }
        count += take(tiers_[tier_]);
    }
    if (next_ > to_) {
        finished_ = true;
        window_.append_open(closed_);
    }
    std::swap(out, closed_);
    drop_unwanted(out);
    return true;
}

} // namespace vsim::model
