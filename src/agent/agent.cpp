#include "agent/agent.hpp"

#include "agent/connection.hpp"
#include "model/message.hpp"
#include "net/pool.hpp"
#include "net/yield.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace vsim::agent {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using stats::latency;
using util::errc;

constexpr std::uint16_t normal_closure = 1000;
constexpr auto send_deadline = 30s;
constexpr auto saturated_deadline = 5min; // a server that is full takes long turns
constexpr auto close_deadline = 10s;
constexpr auto farewell_deadline = 1s;
// RFC 6455 pings of the real agent (protocol.md 5.2).
constexpr auto ping_every = 30s;
// The server keeps samples and aggregates in two buffers of a second each and may apply them in
// either order. So buckets of the last two seconds before a sync are sent again with the next one,
// and the last sync of all waits that long.
constexpr auto settling = 2s;
constexpr int history_attempts = 3;

util::steady_time in(util::nanoseconds d) {
    return std::chrono::steady_clock::now() + d;
}

} // namespace

// What is due next on one connection.
struct agent::timetable {
    util::wall_time sample, sync, ping;
    std::size_t offered = 0; // bytes of a sample that the kernel has not taken whole yet

    util::wall_time next() const { return std::min({sample, sync, ping}); }
};

agent::agent(const surroundings& s, identity who, util::wall_time birth)
    : s_{&s}, who_{std::move(who)}, life_{s.seed, who_.index}, synced_{{}, birth}, sampled_{birth} {
}

std::size_t agent::turn() const {
    if (!is_paced()) {
        return who_.index;
    }
    // Of few ticks each has several turns, so that all lanes and contexts have agents.
    const auto ticks = static_cast<std::size_t>((s_->interval - 1ms) / s_->tick + 1);
    const auto turns = (net::pool::lanes + ticks - 1) / ticks;
    const auto own_tick = static_cast<std::size_t>(samples().phase() / s_->tick);
    return own_tick + ticks * (who_.index % turns);
}

util::wall_time agent::now() const {
    return s_->clock.to_wall(std::chrono::steady_clock::now());
}

// --- History

net::task<> agent::send_history() {
    const auto to = now();
    const auto from = to - s_->history;
    lifecycle retries{s_->seed, who_.index};
    for (int left = history_attempts; left > 0; --left) {
        const auto done = co_await history_attempt(from, to);
        if (done) {
            s_->counts->add(counter::history_agents_done);
            co_return;
        }
        if (done.error().code == errc::cancelled) {
            co_return;
        }
        if (done.error().code == errc::auth || left == 1) {
            break; // asking again would not help, or has not
        }
        const auto until = in(retries.on_end() / 5); // few try at once: no herd
        co_await s_->pace->sleep_until(until);
    }
    s_->counts->add(counter::history_agents_failed);
}

net::task_result<> agent::history_attempt(util::wall_time from, util::wall_time to) {
    auto joined = co_await join_server(*s_, who_);
    if (!joined) {
        co_return joined.error();
    }
    auto& link = *joined;
    const sync_point start{{}, from};
    auto end = co_await send_range(
        link, machine(), samples(), start, to, *s_->counts, count_as_history, s_->pace
    );
    auto done = end ? util::result<void>{} : util::result<void>{end.error()};
    if (done) {
        done = co_await fence(link, *s_);
    }
    if (!done && done.error().code != errc::cancelled) {
        log_error("history", done.error());
        co_return done;
    }
    co_await link.close(normal_closure, in(close_deadline));
    if (done) {
        synced_ = *std::move(end);
        sampled_ = to;
    }
    co_return done;
}

// --- Life

net::task<> agent::live(std::function<void()> after_first_attempt) {
    for (;;) {
        auto joined = co_await join_server(*s_, who_);
        if (joined) {
            const bool is_first = life_.on_welcome();
            s_->online->arrive(is_first, std::chrono::steady_clock::now());
            s_->counts->add(counter::agents_connected);
            if (!is_first) {
                s_->counts->add(counter::reconnects);
            }
        }
        if (after_first_attempt) {
            std::exchange(after_first_attempt, nullptr)();
        }
        if (joined) {
            const bool said_goodbye = co_await connection(*joined);
            s_->online->leave(said_goodbye);
            if (said_goodbye) {
                co_return;
            }
        }
        if (!s_->pace->is_stopped()) {
            const auto until = in(life_.on_end());
            co_await s_->pace->sleep_until(until);
        }
        if (s_->pace->is_stopped()) {
            break;
        }
    }
    if (has_reported_) {
        skip_missed(now()); // what was due since, until the stop
    }
}

// One connection, from the welcome to its end, ours or the server's. It is the only reader and the
// only writer there. Errors stay out of its frame, which is a good part of what an agent costs.
net::task<bool> agent::connection(net::websocket& link) {
    is_broken_ = false;
    if (!is_paced()) {
        co_await saturate(link);
    } else {
        const auto start = skip_missed(now());
        timetable due{samples().after(start), syncs().after(start), start + ping_every};
        for (;;) {
            serve(link, due);
            if (!is_broken_ && (link.has_unsent() || std::min(due.sync, due.ping) <= now())) {
                co_await serve_slowly(link, due);
            }
            if (is_broken_) {
                break;
            }
            const auto until = s_->clock.to_steady(due.next());
            const auto woken = co_await link.sleep_until(*s_->pace, until);
            if (woken == net::wake::stopped) {
                break;
            }
        }
    }
    if (!is_broken_) {
        co_await say_goodbye(link);
    }
    if (is_broken_) {
        s_->counts->add(counter::agents_disconnected);
        if (link.has_unsent()) { // the answer to a close, or what was wrong with a frame
            co_await link.flush(in(farewell_deadline));
        }
    }
    co_return !is_broken_;
}

// What is to be done now and done at once.
void agent::serve(net::websocket& link, timetable& due) {
    if (const auto read = take_messages(link); !read) {
        return break_off("connection", read.error());
    }
    if (due.sample > now()) {
        return;
    }
    const auto bytes = offer_sample(link, due);
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
    if (going && due.ping <= now()) {
        due.ping = now() + ping_every;
        going = co_await link.send_ping(std::string_view(), in(send_deadline));
    }
    if (going && due.sync <= now()) {
        due.sync = syncs().after(now());
        going = co_await sync(link, sampled_);
    }
    if (!going) {
        break_off("connection", going.error());
    }
}

// Interval 0. There is no schedule, so no lag, no missed samples, and no aggregates, which would
// have to cover it.
net::task<> agent::saturate(net::websocket& link) {
    util::result<void> going = take_messages(link);
    while (going && !s_->pace->is_stopped()) {
        sampled_ = std::chrono::floor<util::milliseconds>(now());
        const auto bytes = offer_text_of(link, sampled_);
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

void agent::count_missed(std::int64_t samples) const {
    s_->counts->add(counter::metrics_missed, static_cast<std::uint64_t>(samples));
}

void agent::log_error(std::string_view stage, const util::error& e) const {
    count_error(*s_, who_, stage, e);
}

util::result<void> agent::take_messages(net::websocket& link) const {
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
            count_message(*s_, (*event)->payload);
            break;
        case net::incoming::kind::pong:
            break;
        case net::incoming::kind::closed:
            return util::make_error(errc::closed, "the server said goodbye");
        }
    }
}

// Samples that were due while nobody was connected are history: the aggregates have them.
util::wall_time agent::skip_missed(util::wall_time to) {
    const auto from = std::exchange(sampled_, std::max(sampled_, to));
    if (std::exchange(has_reported_, true)) {
        count_missed(samples().count(from, sampled_));
    }
    return sampled_;
}

// The newest sample that is due; earlier ones, if we come that late, are counted as missed.
util::result<std::size_t> agent::offer_sample(net::websocket& link, timetable& due) {
    const auto at = samples().at_or_before(now());
    count_missed(samples().count(due.sample, at));
    sampled_ = at; // also when sending fails: it may have arrived
    due.sample = samples().after(at);
    return offer_text_of(link, at);
}

// Returns the size of the message.
util::result<std::size_t> agent::offer_text_of(net::websocket& link, util::wall_time at) const {
    const auto sample = machine().sample(at, is_paced() ? s_->interval : 1s);
    const auto text = model::render_message(sample, who_.name);
    const auto offered = link.offer_text(text);
    if (!offered) {
        return offered.error();
    }
    return text.size();
}

// The sample of sampled_: the kernel has it now.
void agent::count_sample(std::size_t bytes) const {
    if (is_paced()) {
        s_->counts->record(latency::send_lag, now() - sampled_);
    }
    s_->counts->add(counter::metrics_sent);
    s_->counts->add(counter::metrics_bytes, bytes);
}

// Every bucket touched since the last sync, complete up to `to`.
net::task_result<> agent::sync(net::websocket& link, util::wall_time to) {
    if (to <= synced_.at || !is_paced()) {
        co_return util::result<void>{};
    }
    const auto sent = co_await send_range(
        link, machine(), samples(), synced_, to, *s_->counts, count_as_aggregates, nullptr
    );
    if (!sent) {
        co_return sent.error();
    }
    if (to - settling > synced_.at) {
        synced_ = advanced(synced_, to - settling, machine(), samples());
    }
    co_return util::result<void>{};
}

// After the soft stop: what the server has must end up complete.
net::task<> agent::say_goodbye(net::websocket& link) {
    auto done = co_await fence(link, *s_); // the last sample has been handled
    if (done) {
        // Not all in the same instant: 5000 last syncs are 100 MB.
        const auto draw = util::hash(s_->seed, util::stream("agent.goodbye"), who_.index);
        const util::nanoseconds spread{static_cast<std::int64_t>(1e9 * util::unit(draw))};
        co_await s_->after->sleep_until(in(settling + spread));
        done = co_await sync(link, sampled_);
    }
    if (done) {
        done = co_await fence(link, *s_);
    }
    if (!done) {
        break_off("goodbye", done.error());
        has_reported_ = false; // nothing has been due since the stop
        co_return;
    }
    co_await link.close(normal_closure, in(close_deadline));
}

} // namespace vsim::agent
