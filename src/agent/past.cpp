#include "agent/past.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace vsim::agent {

const target_set_ptr& past::targets_at(util::wall_time t) const {
    const auto later = std::ranges::find_if(epochs.begin() + 1, epochs.end(), [&](const epoch& e) {
        return e.after >= t;
    });
    return std::prev(later)->targets;
}

void past::follow(target_set_ptr t, util::wall_time after) {
    if (t == targets()) {
        return;
    }
    if (epochs.back().after >= after || after <= origin) {
        epochs.back().targets = std::move(t); // no sample has seen the last one
    } else {
        epochs.push_back({after, std::move(t)});
    }
}

bool is_behind(const sync_point& p, const model::first_buckets& first) {
    return std::ranges::all_of(proto::granularities, [&](const auto& g) {
        return first[proto::position(g.id)] >= proto::bucket_index(g.id, p.at);
    });
}

model::machine subject::machine(const model::target_set& t) const {
    auto with_targets = around;
    with_targets.targets = &t;
    return {seed, index, with_targets};
}

walk::walk(
    const subject& who,
    const past& lived,
    const sync_point& from,
    util::wall_time to,
    const model::first_buckets& first
)
    : who_{&who}, lived_{&lived}, to_{to}, first_{first} {
    assert(!lived.epochs.empty() && from.at >= lived.origin);
    while (epoch_ + 1 < lived.epochs.size() && lived.epochs[epoch_ + 1].after <= from.at) {
        ++epoch_;
    }
    begin_part(from.open, from.at);
}

void walk::begin_part(const agg::window& open, util::wall_time from) {
    const auto& epochs = lived_->epochs;
    part_end_ = epoch_ + 1 < epochs.size() ? std::min(epochs[epoch_ + 1].after, to_) : to_;
    const auto machine = who_->machine(*epochs[epoch_].targets);
    part_.emplace(machine, who_->samples(), open, from, part_end_, lived_->anchor, first_);
}

// A part ends with its open buckets, incomplete; the next part has them again.
bool walk::next(agg::piece& out, std::size_t max_buckets) {
    while (!part_->next(out, max_buckets)) {
        if (part_end_ == to_) {
            return false;
        }
        ++epoch_;
        const auto open = part_->end_window();
        begin_part(open, part_end_);
    }
    return true;
}

reach reach::of(const proto::auth_reply& welcome) {
    reach r;
    r.newest.fill(-1);
    for (const auto& [name, bucket] : welcome.last_buckets) {
        if (const auto g = proto::granularity_from_name(name); g && bucket > 0) {
            r.newest[proto::position(*g)] = bucket;
        }
    }
    return r;
}

bool reach::is_nothing() const {
    return std::ranges::all_of(newest, [](auto index) { return index < 0; });
}

bool reach::is_behind(const agg::window& sent) const {
    return std::ranges::any_of(proto::granularities, [&](const auto& g) {
        return newest[proto::position(g.id)] < sent.open(g.id).index;
    });
}

std::optional<util::wall_time> reach::last_seen() const {
    for (const auto& g : proto::granularities) {
        // A server that the predecessor has filled has time stamps where indices belong.
        constexpr std::int64_t latest = 9'000'000'000;
        const auto index = newest[proto::position(g.id)];
        if (index >= 0) {
            const auto end = (std::min(index, latest / g.width.count()) + 1) * g.width.count();
            return util::from_unix_seconds(end);
        }
    }
    return std::nullopt;
}

model::first_buckets
wanted_after(const reach& r, util::wall_time safe, util::nanoseconds doubt, util::wall_time now) {
    auto first = model::retained_at(now);
    const auto sure = std::min(r.last_seen().value_or(safe), safe) - doubt;
    for (const auto& g : proto::granularities) {
        const auto at = proto::position(g.id);
        if (r.newest[at] >= 0) {
            const auto from = std::min(r.newest[at], proto::bucket_index(g.id, sure));
            first[at] = std::max(first[at], from);
        }
    }
    return first;
}

} // namespace vsim::agent
