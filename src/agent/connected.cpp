// One connection of an agent, from the welcome to its end.

#include "agent/agent.hpp"
#include "agent/connection.hpp"
#include "net/yield.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace vsim::agent {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using stats::latency;
using util::errc;

constexpr auto send_deadline = 30s;
constexpr auto saturated_deadline = 5min; // a server that is full takes long turns
constexpr auto farewell_deadline = 1s;
constexpr auto answer_deadline = 30s; // of a server to the last batch
// RFC 6455 pings of the real agent (protocol.md 5.2).
constexpr auto ping_every = 30s;

constexpr auto never = util::wall_time::max();

} // namespace

// What is due next on one connection.
struct agent::timetable {
    util::wall_time sample, sync, ping;
    util::wall_time errand;  // of what is rare: a batch, the end of the twin, a blow of the script
    std::size_t offered = 0; // bytes of a sample that the kernel has not taken whole yet

    util::wall_time next() const { return std::min({sample, sync, ping, errand}); }
    bool is_slow_due(util::wall_time now) const { return std::min({sync, ping, errand}) <= now; }
};

// It is the only reader and the only writer there. Errors stay out of its frame, which is a good
// part of what an agent costs.
net::task<agent::ending> agent::connection(net::websocket& link) {
    is_broken_ = is_restarting_ = false;
    fenced_ = sampled_;
    freed_ = now();
    if (!is_paced()) {
        co_await saturate(link);
    } else {
        timetable due{
            samples().after(sampled_), syncs().after(sampled_), sampled_ + ping_every, never
        };
        prepare(due);
        for (;;) {
            serve(link, due);
            if (!is_broken_ && (link.has_unsent() || due.is_slow_due(now()))) {
                co_await serve_slowly(link, due);
            }
            if (!is_broken_ && is_hit()) {
                const auto how = co_await suffer(link, due);
                if (how) {
                    co_return *how;
                }
            }
            if (is_broken_ || is_restarting_) {
                break;
            }
            plan_errand(due);
            const auto until = steady(due.next());
            net::wake woken;
            if (kind_->reads) {
                woken = co_await link.sleep_until(*s_->pace, until);
            } else {
                woken = co_await s_->pace->sleep_until(until);
            }
            if (woken == net::wake::stopped) {
                break;
            }
        }
    }
    if (is_restarting_ && !is_broken_) {
        link.abort();
        co_return ending::cut;
    }
    if (!is_broken_) {
        co_await say_goodbye(link);
    }
    if (is_broken_) {
        s_->counts->add(counter::agents_disconnected);
        if (link.has_unsent()) { // the answer to a close, or what was wrong with a frame
            co_await link.flush(in(farewell_deadline));
        }
        co_return ending::broken;
    }
    co_return ending::goodbye;
}

// A new connection, and what the last one left to be done.
void agent::prepare(timetable& due) {
    blow_.reset();
    if (s_->played != nullptr) {
        heed_script(true);
    }
    if (!has_aggregates()) {
        due.sync = never;
    } else if (comeback_ && comeback_->has_resume) {
        // Batches come first: the aggregates put right what they add.
        due.sync = comeback_->batches ? never : sampled_;
    }
    plan_errand(due);
}

// --- The script

bool agent::is_hit() const {
    return blow_ && blow_->at <= world_now();
}

bool agent::is_silent(util::wall_time t) const {
    const auto* incidents = s_->played != nullptr ? s_->played->incidents() : nullptr;
    return incidents != nullptr && self().machine(*past_.targets()).is_silent(t);
}

// Takes up the next event of the script. What began while the agent slept is due at once; of what
// befell it while it was away only an outage that still lasts is of interest.
void agent::heed_script(bool is_new_connection) {
    while (!blow_ && !is_script_over_ && s_->played->zero()) {
        const auto next = s_->played->next(who_.index, heeded_);
        if (!next) {
            is_script_over_ = true;
            return;
        }
        heeded_ = next->at;
        const auto t = world_now();
        const bool is_past = next->at <= t && next->until <= t;
        if (!is_past || (next->is_churn && !is_new_connection)) {
            blow_ = next;
        }
    }
}

// When something rare is due next.
void agent::plan_errand(timetable& due) {
    if (s_->played != nullptr) {
        heed_script(false);
    }
    auto next = blow_ ? by_own_clock(blow_->at) : never;
    if (twin_) {
        next = std::min(next, twin_->until);
    }
    if (comeback_ && comeback_->batches) {
        next = std::min(next, comeback_->next_batch);
    }
    if (s_->played != nullptr && !s_->played->zero()) {
        next = std::min(next, now() + script::lead * 2 / 3); // to hear in time when it begins
    }
    due.errand = next;
}

// What became of the connection, if it does not go on.
net::task<std::optional<agent::ending>> agent::suffer(net::websocket& link, timetable& due) {
    const auto blow = *std::exchange(blow_, std::nullopt);
    s_->counts->add(blow.is_churn ? counter::agents_churned : counter::agents_cut);
    switch (blow.how) {
    case cut::silent: {
        const auto until = steady(by_own_clock(blow.until));
        co_await s_->pace->sleep_until(until);
        freed_ = now();
        due.ping = freed_ + ping_every;
        fenced_ = sampled_; // what was under way then came back during the silence
        co_return std::nullopt;
    }
    case cut::half_open:
        co_return ending::half_open;
    case cut::close:
        break;
    }
    link.abort();
    co_return ending::cut;
}

// --- Now and then

// What is to be done now and done at once.
void agent::serve(net::websocket& link, timetable& due) {
    if (kind_->reads) {
        if (const auto read = take_messages(link); !read) {
            return break_off("connection", read.error());
        }
    }
    if (due.sample > now()) {
        return;
    }
    if (is_silent(samples().at_or_before(now()))) {
        const auto from =
            std::exchange(sampled_, std::max(sampled_, samples().at_or_before(now())));
        not_sent_.add(deviation::unsent, from, sampled_);
        due.sample = samples().after(sampled_);
        return;
    }
    const auto bytes = offer_sample(link);
    due.sample = samples().after(sampled_);
    if (!bytes) {
        count_missed(1);
        return break_off("connection", bytes.error());
    }
    if (link.has_unsent()) {
        due.offered = *bytes;
    } else {
        count_sample(*bytes);
    }
}

// What has to wait for the kernel. The sample comes first: a sync covers just the samples that were
// sent before it.
net::task<> agent::serve_slowly(net::websocket& link, timetable& due) {
    util::result<void> going;
    if (link.has_unsent()) {
        going = co_await link.flush(in(send_deadline));
    }
    if (const auto bytes = std::exchange(due.offered, 0); bytes > 0) {
        if (going) {
            count_sample(bytes);
        } else {
            count_missed(1);
        }
    }
    const bool is_quiet = is_silent(now());
    if (going && due.ping <= now()) {
        due.ping = now() + ping_every;
        if (!is_quiet) {
            going = co_await link.send_ping(std::string_view(), in(send_deadline));
        }
    }
    if (going && comeback_ && comeback_->batches && comeback_->next_batch <= now()) {
        if (is_quiet) {
            comeback_->next_batch = now() + missed_samples::rest;
        } else {
            going = co_await send_batch(link, due);
        }
    }
    if (going && due.sync <= now()) {
        due.sync = syncs().after(now());
        if (!is_quiet) {
            going = co_await sync(link, sampled_);
        }
    }
    if (twin_ && twin_->until <= now()) {
        twin_.reset();
    }
    freed_ = now();
    if (!going) {
        break_off("connection", going.error());
    }
}

net::task_result<> agent::send_batch(net::websocket& link, timetable& due) {
    auto& batches = *comeback_->batches;
    if (batches.is_empty()) {
        // What is not stored yet would be added to what the aggregates have put right.
        if (batches.unanswered() > 0 && now() < comeback_->last_batch + answer_deadline) {
            comeback_->next_batch = now() + missed_samples::rest;
            co_return util::result<void>{};
        }
        comeback_->batches.reset();
        if (comeback_->has_resume) {
            due.sync = now() + settling;
        }
        co_return util::result<void>{};
    }
    const auto text = batches.next(self(), past_, who_.name, std::chrono::steady_clock::now());
    const auto sent = co_await link.send_text(text, true, in(send_deadline));
    if (sent) {
        s_->counts->add(counter::batch_sent);
        s_->counts->add(counter::batch_bytes, text.size());
        comeback_->last_batch = now();
        comeback_->next_batch = now() + missed_samples::rest;
    }
    co_return sent;
}

// Interval 0. There is no schedule, so no lag, no missed samples, and no aggregates, which would
// have to cover it.
net::task<> agent::saturate(net::websocket& link) {
    util::result<void> going = take_messages(link);
    while (going && !s_->pace->is_stopped() && !is_restarting_) {
        sampled_ = std::chrono::floor<util::milliseconds>(now());
        const auto bytes = offer_text_of(link, sampled_, sampled_);
        going = bytes ? util::result<void>{} : bytes.error();
        if (going && link.has_unsent()) {
            going = co_await link.flush(in(saturated_deadline));
        } else {
            co_await net::yield();
        }
        if (going) {
            count_sample(*bytes);
            going = take_messages(link);
        }
    }
    if (!going) {
        break_off("connection", going.error());
    }
}

// Once a connection, whichever step notices its end first.
void agent::break_off(std::string_view stage, const util::error& e) {
    if (e.code != errc::cancelled && !std::exchange(is_broken_, true)) {
        log_error(stage, e);
    }
}

// --- What the server says

util::result<void> agent::take_messages(net::websocket& link) {
    for (;;) {
        const auto event = link.poll();
        if (!event) {
            return event.error();
        }
        if (!*event) {
            return {};
        }
        switch ((*event)->what) {
        case net::incoming::kind::message:
            hear((*event)->payload);
            break;
        case net::incoming::kind::pong:
            hear_pong((*event)->payload);
            break;
        case net::incoming::kind::closed:
            return util::make_error(errc::closed, "the server said goodbye");
        }
    }
}

void agent::hear(std::string_view text) {
    const auto message = read_message(*s_, text);
    if (!message) {
        return;
    }
    if (const auto* config = std::get_if<proto::config_push>(&*message)) {
        s_->counts->add(counter::configs_received);
        if (config->ping_targets) {
            ping_from(past_, *config->ping_targets, has_past_ ? sampled_ : past_.origin);
        }
    } else if (const auto* command = std::get_if<proto::command_push>(&*message)) {
        s_->counts->add(counter::commands_received);
        is_restarting_ = is_restarting_ || command->command == "update";
    } else if (const auto* ack = std::get_if<proto::batch_ack>(&*message)) {
        s_->counts->add(counter::batch_accepted, static_cast<std::uint64_t>(ack->accepted));
        s_->counts->add(counter::batch_rejected, static_cast<std::uint64_t>(ack->rejected));
        if (comeback_ && comeback_->batches) {
            const auto took =
                comeback_->batches->acknowledge(ack->batch_id, std::chrono::steady_clock::now());
            if (took) {
                s_->counts->record(latency::batch_ack, *took);
            }
        }
    }
}

// Not all in the same instant: 5000 last syncs are 100 MB.
util::nanoseconds agent::goodbye_spread() const {
    const auto draw = util::hash(s_->seed, util::stream("agent.goodbye"), who_.index);
    return util::nanoseconds{static_cast<std::int64_t>(1e9 * util::unit(draw))};
}

// After the soft stop: what the server has must end up complete.
net::task<> agent::say_goodbye(net::websocket& link) {
    if (const auto t = now(); is_paced() && samples().count(sampled_, t) > 1) {
        note_late(samples().at_or_before(t), t);
        skip_missed(t); // the stop came while it was kept from sending
    }
    const auto on_pong = [this](std::string_view payload) { hear_pong(payload); };
    auto done = co_await fence(link, *s_, on_pong); // the last sample has been handled
    if (done) {
        const auto until = in(settling + goodbye_spread());
        co_await s_->after->sleep_until(until);
        done = co_await sync(link, sampled_);
    }
    if (done) {
        done = co_await fence(link, *s_, on_pong);
    }
    if (!done) {
        break_off("goodbye", done.error());
        has_reported_ = false; // nothing has been due since the stop
        co_return;
    }
    has_said_goodbye_ = true;
    co_await link.close(normal_closure, in(close_deadline));
}

} // namespace vsim::agent
