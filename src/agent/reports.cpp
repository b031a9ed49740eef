// What an agent says of its machine: samples, aggregates, what it missed.

#include "agent/agent.hpp"
#include "agent/sample_fence.hpp"
#include "model/message.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vsim::agent {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

// What was sent so long ago has been stored, if it arrived.
constexpr auto surely_stored = 5s;
// A resume walks from the last milestone before what it sends, or from the origin.
constexpr auto between_milestones = 1h;
// At once: who was stopped for hours has no more to say than that.
constexpr std::int64_t most_late_recorded = 1000;

} // namespace

// The newest sample that is due; earlier ones, if we come that late, are counted as missed.
util::result<std::size_t> agent::offer_sample(net::websocket& link) {
    const auto t = now();
    const auto at = samples().at_or_before(t);
    const auto skipped = samples().count(sampled_, at) - 1;
    if (skipped > 0) {
        count_missed(skipped);
        not_sent_.add(deviation::unsent, sampled_, at - interval());
        note_late(at, t);
    }
    if (at > freed_) {
        s_->counts->record(latency::own_lag, t - at);
    }
    sampled_ = at; // also when sending fails: it may have arrived
    has_past_ = true;
    return offer_text_of(link, at, t);
}

// Samples before that one will not be sent, because we come at `now` only. They lag, too: leaving
// them out would make a generator that is late look better the later it is.
void agent::note_late(util::wall_time before, util::wall_time now) const {
    const auto from = std::max(sampled_, freed_);
    const auto late = samples().count(from, before) - 1;
    if (late <= 0) {
        return;
    }
    s_->counts->add(counter::metrics_late, static_cast<std::uint64_t>(late));
    auto at = from;
    for (auto left = std::min(late, most_late_recorded); left > 0; --left) {
        at = samples().after(at);
        s_->counts->record(latency::own_lag, now - at);
    }
}

// Returns the size of the message.
util::result<std::size_t>
agent::offer_text_of(net::websocket& link, util::wall_time at, util::wall_time now) const {
    const auto sample = self().machine(*past_.targets()).sample(at, is_paced() ? interval() : 1s);
    const auto text = model::render_message(sample, who_.name);
    util::result<bool> offered = false;
    if (has_fences()) {
        const auto ping = pack({at, now});
        offered = link.offer_text(text, {ping.data(), ping.size()});
    } else {
        offered = link.offer_text(text);
    }
    if (!offered) {
        return offered.error();
    }
    return text.size();
}

// The sample of sampled_: the kernel has it now.
void agent::count_sample(std::size_t bytes) const {
    if (is_paced()) {
        s_->counts->record(latency::send_lag, now() - sampled_);
        if (s_->reported != nullptr) {
            s_->reported->note(who_.index, sampled_ - kind_->clock_skew, interval());
        }
    }
    s_->counts->add(counter::metrics_sent);
    s_->counts->add(counter::metrics_bytes, bytes);
    if (has_fences()) {
        s_->counts->add(counter::fences_sent);
    }
}

// Of a sample of this connection, in its turn and once: what a server makes up must not become a
// figure.
void agent::hear_pong(std::string_view payload) {
    const auto f = unpack_fence(payload);
    if (!f || f->scheduled <= fenced_) {
        return;
    }
    const auto t = now();
    const bool is_ours = has_fences() && f->scheduled <= sampled_ &&
                         samples().at_or_before(f->scheduled) == f->scheduled &&
                         f->sent >= f->scheduled && f->sent <= t;
    if (!is_ours) {
        s_->counts->error("fence.foreign", who_.name + ": a pong to a ping that was never sent");
        return;
    }
    fenced_ = f->scheduled;
    s_->counts->add(counter::fences_answered);
    s_->counts->record(latency::fence, t - f->scheduled);
    s_->counts->record(latency::fence_uncorrected, t - f->sent);
}

bad_habits agent::habits() const {
    return {
        kind_->shuffles, kind_->repeats, util::hash(s_->seed, util::stream("habits"), who_.index)
    };
}

// Every bucket touched since the last sync, complete up to `to`; more after a comeback.
net::task_result<> agent::sync(net::websocket& link, util::wall_time to) {
    const bool resumes = comeback_ && comeback_->has_resume;
    if (!has_aggregates() || (to <= synced_.at && !resumes)) {
        co_return util::result<void>{};
    }
    const bool is_full = s_->scope == sync_scope::full;
    sync_point start; // of more than what is new
    sync_range range{&synced_, to, model::retained_at(to)};
    if (resumes || is_full) {
        if (resumes && !is_full) {
            range.first = comeback_->first;
        }
        start = milestone_ && is_behind(*milestone_, range.first) ? *milestone_
                                                                  : sync_point{{}, past_.origin};
        range.from = &start;
    }
    const auto sent = co_await send_range(
        link, self(), past_, range, *s_->counts, count_as_aggregates, habits(), nullptr
    );
    if (!sent) {
        co_return sent.error();
    }
    has_past_ = true;
    if (resumes) {
        comeback_.reset();
        is_in_doubt_ = false;
    }
    note_synced(to);
    co_return util::result<void>{};
}

void agent::note_synced(util::wall_time to) {
    if (to - settling > synced_.at) {
        synced_ = advanced(self(), past_, synced_, to - settling);
    }
    if (now() - synced_on_ >= surely_stored) {
        safe_ = std::exchange(doubtful_, synced_.at);
        synced_on_ = now();
    }
    const auto last = milestone_ ? milestone_->at : past_.origin;
    if (synced_.at - last >= between_milestones) {
        milestone_ = std::make_unique<const sync_point>(synced_);
    }
}

} // namespace vsim::agent
