// From connection to connection. What happens on one is in connected.cpp.

#include "agent/agent.hpp"

#include "agent/connection.hpp"
#include "net/pool.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace vsim::agent {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using util::errc;

constexpr int history_attempts = 3;
// What was sent just before a connection broke may have been lost on its way.
constexpr auto in_flight = 5s;
// A twin stays so long, as the old process does beside the one that replaces it.
constexpr auto twin_stays = 20s;

std::vector<proto::probe_target> as_probe_targets(const model::target_set& t) {
    std::vector<proto::probe_target> list;
    for (const auto& n : t.names()) {
        list.push_back({n.name, n.host, {}, 0});
    }
    return list;
}

util::wall_time start_of_day(util::wall_time t) {
    return std::chrono::floor<std::chrono::days>(t);
}

} // namespace

agent::agent(const surroundings& s, identity who, util::wall_time birth)
    : s_{&s}, kind_{&s.kinds->of(s.seed, who.index)}, who_{std::move(who)},
      life_{s.seed, who_.index, s.coming_back == reconnect::storm},
      safe_{birth + kind_->clock_skew}, sampled_{safe_} {
    past_ = {safe_, safe_, {{safe_, model::target_set::built_in(kind_->machine.targets)}}};
    synced_.at = synced_on_ = doubtful_ = safe_;
}

std::size_t agent::turn() const {
    if (!is_paced()) {
        return who_.index;
    }
    // Of few ticks each has several turns, so that all lanes and contexts have agents.
    const auto ticks = static_cast<std::size_t>((interval() - 1ms) / s_->tick + 1);
    const auto turns = (net::pool::lanes + ticks - 1) / ticks;
    const auto own_tick = static_cast<std::size_t>(samples().phase() / s_->tick);
    return own_tick + ticks * (who_.index % turns);
}

util::wall_time agent::now() const {
    return s_->clock.to_wall(std::chrono::steady_clock::now()) + kind_->clock_skew;
}

util::steady_time agent::steady(util::wall_time t) const {
    return s_->clock.to_steady(t - kind_->clock_skew);
}

subject agent::self() const {
    const auto* incidents = s_->played != nullptr ? s_->played->incidents() : nullptr;
    return {
        s_->seed, who_.index, interval(), {&kind_->machine, nullptr, incidents, kind_->clock_skew}
    };
}

account agent::account_of() const {
    const bool is_history = has_past_ && !reports_after_;
    return {
        .who = self(),
        .lived = past_,
        .until = sampled_,
        .first = first_,
        .reports_after = reports_after_,
        .not_sent = not_sent_,
        .has_aggregates = has_aggregates(),
        .has_past = has_past_,
        .is_complete = has_said_goodbye_ || is_history,
    };
}

void agent::log_error(std::string_view stage, const util::error& e) const {
    count_error(*s_, who_, stage, e);
}

void agent::count_missed(std::int64_t samples) const {
    s_->counts->add(counter::metrics_missed, static_cast<std::uint64_t>(samples));
}

// --- History

net::task<> agent::send_history() {
    if (!kind_->has_store) { // what it measured is gone
        s_->counts->add(counter::history_agents_done);
        co_return;
    }
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
    auto joined = co_await join_server(*s_, who_, *s_->pace);
    if (!joined) {
        co_return joined.error();
    }
    auto& link = joined->link;
    // A server that knows the agent has coarse buckets that began before `from`: they stay whole.
    const bool is_known = !reach::of(joined->welcome).is_nothing();
    past lived = past_;
    lived.origin = is_known ? start_of_day(from) : from;
    lived.anchor = to;
    follow(lived, joined->welcome, lived.origin);
    const sync_point start{{}, lived.origin};
    sync_range range{&start, to, model::retained_at(to)};
    for (const auto& g : proto::granularities) {
        auto& first = range.first[proto::position(g.id)];
        first = std::max(first, proto::bucket_index(g.id, from));
    }
    auto end = co_await send_range(
        link, self(), lived, range, *s_->counts, count_as_history, habits(), s_->pace
    );
    auto done = end ? util::result<void>{} : util::result<void>{end.error()};
    if (done) {
        done = co_await fence(link, *s_, nullptr);
    }
    if (!done && done.error().code != errc::cancelled) {
        log_error("history", done.error());
        co_return done;
    }
    co_await link.close(normal_closure, in(close_deadline));
    if (done) {
        past_ = std::move(lived);
        synced_ = *std::move(end);
        sampled_ = safe_ = doubtful_ = to;
        first_ = range.first;
        has_past_ = true;
    }
    co_return done;
}

// --- Life

net::task<> agent::live(std::function<void()> after_first_attempt) {
    std::optional<net::websocket> ghost; // half-open: the server has not heard that it is over
    for (;;) {
        auto joined = co_await join(*s_->pace);
        if (after_first_attempt) {
            std::exchange(after_first_attempt, nullptr)();
        }
        if (joined) {
            ghost.reset();
            const auto how = co_await visit(*joined);
            if (how == ending::goodbye) {
                co_return;
            }
            if (how == ending::half_open) {
                ghost.emplace(*std::move(joined));
            }
        }
        if (!s_->pace->is_stopped()) {
            const auto until = in(time_away());
            co_await s_->pace->sleep_until(until);
        }
        if (s_->pace->is_stopped()) {
            break;
        }
    }
    ghost.reset();
    if (is_away_by_script_) {
        co_await last_visit();
    } else if (has_reported_) {
        skip_missed(now()); // what was due since, until the stop
    }
}

net::task<agent::ending> agent::visit(net::websocket& link) {
    const bool is_first = life_.on_welcome();
    s_->online->arrive(is_first, std::chrono::steady_clock::now());
    s_->counts->add(counter::agents_connected);
    if (!is_first) {
        s_->counts->add(counter::reconnects);
    }
    const auto how = co_await connection(link);
    is_in_doubt_ = is_in_doubt_ || has_past_;
    if (how != ending::goodbye) {
        not_sent_.add(deviation::doubtful, sampled_ - in_flight, sampled_);
    }
    is_away_by_script_ = how == ending::cut || how == ending::half_open;
    twin_.reset();
    s_->online->leave(how == ending::goodbye);
    co_return how;
}

// After the soft stop: what was on its way back is still to be delivered.
net::task<> agent::last_visit() {
    const auto until = in(goodbye_spread());
    co_await s_->after->sleep_until(until);
    auto joined = co_await join(*s_->after);
    if (!joined) {
        if (has_reported_) {
            skip_missed(now());
        }
    } else {
        is_broken_ = false;
        s_->online->arrive(life_.on_welcome(), std::chrono::steady_clock::now());
        s_->counts->add(counter::agents_connected);
        s_->counts->add(counter::reconnects);
        co_await say_goodbye(*joined);
        s_->online->leave(!is_broken_);
    }
}

net::task_result<net::websocket> agent::join(net::ticker& until) {
    auto joined = co_await join_server(*s_, who_, until);
    if (!joined) {
        co_return joined.error();
    }
    enter(joined->welcome);
    if (kind_->logs_in_twice && !life_.was_ever_welcome()) {
        auto second = co_await join_server(*s_, who_, until);
        if (second) {
            s_->counts->add(counter::double_logins);
            twin_ = std::make_unique<twin>(twin{std::move(second->link), now() + twin_stays});
        }
    }
    if (!kind_->reads) {
        joined->link.limit_receive_buffer();
    }
    co_return std::move(joined->link);
}

// What the welcome says about what is to be sent, and pinged from now on.
void agent::enter(const proto::auth_reply& welcome) {
    const auto last_sent = sampled_;
    if (is_paced()) {
        skip_missed(now());
        resume(reach::of(welcome), last_sent);
    }
    follow(past_, welcome, has_past_ ? sampled_ : past_.origin);
}

void agent::follow(past& lived, const proto::auth_reply& welcome, util::wall_time after) const {
    ping_from(lived, welcome.ping_targets.value_or(std::vector<proto::probe_target>{}), after);
}

// A server that names no targets leaves an agent with the built-in ones.
void agent::ping_from(past& lived, std::vector<proto::probe_target> wanted, util::wall_time after)
    const {
    const auto& substitute = model::target_set::built_in(kind_->machine.targets);
    if (wanted.empty()) {
        wanted = as_probe_targets(*substitute);
    }
    // Who has sent nothing has no rows that would have to keep their places.
    const auto& present = has_past_ ? lived.targets() : model::target_set::built_in(0);
    const auto next = present->followed_by(wanted);
    if (next != lived.targets() && next->left_out() > 0) {
        const auto why = std::to_string(next->left_out()) + " of the server's " +
                         std::to_string(wanted.size()) +
                         " ping targets are not simulated: " + std::to_string(agg::max_targets) +
                         " are the most in an agent's life";
        s_->counts->error("targets.left_out", who_.name + ": " + why);
    }
    lived.follow(next, after);
}

void agent::resume(const reach& r, util::wall_time last_sent) {
    if (comeback_ && comeback_->batches) {
        last_sent = std::min(last_sent, comeback_->batches->sent_until());
    }
    // What the last connection had no time to send is still due.
    std::optional<model::first_buckets> unfinished;
    if (has_past_ && comeback_ && comeback_->has_resume) {
        unfinished = comeback_->first;
    }
    comeback_.reset();
    comeback todo;
    if (!has_past_) {
        if (!has_aggregates() || r.is_nothing() || s_->starts_anew) {
            return;
        }
        // Somebody with this identity was here before. The machine did not begin to exist today:
        // the buckets that are open on the server are sent whole.
        util::wall_time oldest = sampled_;
        for (const auto& g : proto::granularities) {
            const auto index = r.newest[proto::position(g.id)];
            if (index >= 0 && index <= proto::bucket_index(g.id, sampled_)) {
                oldest =
                    std::min(oldest, util::from_unix_seconds(proto::bucket_start(g.id, index)));
            }
        }
        const auto kept = proto::facts(proto::granularity::daily).retention;
        past_.origin = start_of_day(std::max(oldest, sampled_ - kept));
        past_.anchor = sampled_;
        past_.epochs.front().after = past_.origin;
        synced_ = {{}, past_.origin};
        todo.first = first_ = wanted_after(r, sampled_, 0s, sampled_);
        todo.has_resume = true;
    } else if (has_aggregates() && (is_in_doubt_ || r.is_behind(synced_.open))) {
        todo.first = wanted_after(r, safe_, s_->agg_interval + in_flight, sampled_);
        todo.has_resume = true;
    }
    if (unfinished) {
        for (std::size_t i = 0; i < unfinished->size(); ++i) {
            const auto due = (*unfinished)[i];
            todo.first[i] = todo.has_resume ? std::min(todo.first[i], due) : due;
        }
        todo.has_resume = true;
    }
    if (has_reported_ && s_->kept == backlog::batch) {
        todo.batches.emplace(samples(), last_sent, sampled_);
        not_sent_.add(deviation::doubtful, last_sent, sampled_);
        reports_after_ = std::min(reports_after_.value_or(last_sent), last_sent);
    }
    if (todo.has_resume || todo.batches) {
        comeback_ = std::make_unique<comeback>(std::move(todo));
    }
}

// How long until the next attempt. While the script keeps the agent off, attempts are in vain; as a
// storm all come back when it ends.
util::nanoseconds agent::time_away() {
    const auto t = world_now();
    const auto cut_until = [&](util::wall_time when) {
        return s_->played != nullptr ? s_->played->cut_until(who_.index, when) : std::nullopt;
    };
    const bool is_storm = s_->coming_back == reconnect::storm;
    auto delay = life_.on_end();
    if (const auto end = cut_until(t); end && is_storm) {
        delay = *end - t;
    }
    while (const auto end = cut_until(t + delay)) {
        delay = is_storm ? *end - t : delay + life_.on_end();
    }
    return delay;
}

// Samples that were due while nobody was connected are history: the aggregates have them.
util::wall_time agent::skip_missed(util::wall_time to) {
    const auto from = std::exchange(sampled_, std::max(sampled_, to));
    if (std::exchange(has_reported_, true)) {
        count_missed(samples().count(from, sampled_));
        not_sent_.add(deviation::unsent, from, sampled_);
    } else if (!reports_after_) {
        reports_after_ = sampled_;
    }
    return sampled_;
}

} // namespace vsim::agent
