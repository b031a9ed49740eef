#include "viewer/screen.hpp"

#include "proto/decode.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>

namespace vsim::viewer {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using stats::latency;

// A server calls an agent offline 30 s after its last sample (protocol.md 7.2). One that has come
// back a moment ago may have been judged before.
constexpr auto patience = 30s;
constexpr auto just_back = 10s;
// At the end, what should have been shown so long ago is overdue.
constexpr auto overdue = 1s;

} // namespace

screen::screen(
    const watched_fleet& fleet, stats::recorder& counts, flip_log& flips, util::wall_time now
)
    : fleet_{fleet}, counts_{counts}, flips_{flips}, agents_(fleet.size(), shown{.sample = now}) {}

void screen::connect() {
    phase_.interrupted();
    delta_ = {};
    taken_ = 0;
    for (auto& a : agents_) {
        a.is_told = false;
    }
}

void screen::take(std::string_view text, util::wall_time arrival) {
    counts_.add(counter::viewer_messages);
    counts_.add(counter::viewer_bytes, text.size());
    auto message = proto::decode_dashboard_message(text);
    if (!message) {
        counts_.error("viewer.protocol", message.error().message);
        return;
    }
    arrival_ = arrival;
    if (const auto* one = std::get_if<proto::stream_server>(&*message)) {
        take_server(one->server);
    } else if (auto* d = std::get_if<proto::delta>(&*message)) {
        phase_.arrived(arrival);
        delta_ = std::move(*d);
        taken_ = 0;
    }
}

bool screen::work(std::size_t entries) {
    for (; entries > 0 && taken_ < delta_.d.size(); --entries) {
        take_entry(delta_.d[taken_++]);
    }
    if (taken_ < delta_.d.size()) {
        return true;
    }
    delta_ = {}; // gives back its memory
    taken_ = 0;
    return false;
}

// The snapshot of a real server is up to 10 s old, and deltas may come before it.
void screen::take_server(const proto::server_view& s) {
    const auto agent = fleet_.find(s.server_id);
    if (!agent || agents_[*agent].is_told) {
        return;
    }
    auto& a = agents_[*agent];
    a.is_online = s.online;
    if (s.online && s.metrics) { // else a row from before the server was started, without speeds
        a.rx = s.metrics->network.rx_speed;
        a.tx = s.metrics->network.tx_speed;
        a.has_rx = a.has_tx = true;
        look(*agent);
    }
}

void screen::take_entry(const proto::delta_entry& e) {
    const auto agent = fleet_.find(e.id);
    if (!agent) {
        return;
    }
    auto& a = agents_[*agent];
    a.is_told = true;
    if (e.on) {
        if (std::exchange(a.is_online, *e.on) && !*e.on) {
            go_offline(*agent);
        }
    }
    if (!e.m) {
        return;
    }
    if (e.m->rx) {
        a.rx = *e.m->rx;
        a.has_rx = true;
    }
    if (e.m->tx) {
        a.tx = *e.m->tx;
        a.has_tx = true;
    }
    if (a.has_rx && a.has_tx) {
        look(*agent);
    }
}

// Which sample do the values come from?
void screen::look(std::size_t agent) {
    const auto& a = agents_[agent];
    const auto sample = fleet_.identify(agent, {a.rx, a.tx}, arrival_);
    if (!sample) {
        // What was there before this run is not ours.
        if (fleet_.reported(agent)) {
            counts_.add(counter::samples_unmatched);
        }
        return;
    }
    counts_.add(counter::samples_seen);
    judge(agent, *sample);
}

void screen::judge(std::size_t agent, util::wall_time newest) {
    auto& a = agents_[agent];
    a.is_seen = true;
    if (newest <= a.sample) {
        return;
    }
    record(newest, arrival_);
    if (const auto sent = fleet_.reported(agent); sent && sent->interval > 0ms) {
        for (auto t = newest - sent->interval; t > a.sample && t >= sent->since;
             t -= sent->interval) {
            record(t, arrival_);
        }
    }
    a.sample = newest;
}

void screen::record(util::wall_time sample, util::wall_time at) {
    counts_.record(latency::freshness, at - sample);
    auto chance = first_chance(sample);
    if (at < chance) {
        chance -= server_tick;
    }
    counts_.record(
        latency::freshness_excess, at - chance
    ); // the phase's error may make it negative
}

void screen::go_offline(std::size_t agent) {
    const auto sent = fleet_.reported(agent);
    const bool was_reporting =
        sent && sent->last > arrival_ - patience && sent->back <= arrival_ - just_back;
    if (was_reporting && flips_.is_new(agent, arrival_)) {
        counts_.add(counter::false_offline);
        const auto ago = std::chrono::duration<double>(arrival_ - sent->last).count();
        counts_.error(
            "viewer.false_offline",
            fleet_.name(agent) + ": shown as offline, its last sample was sent " +
                std::to_string(ago) + " s before"
        );
    }
}

void screen::finish(util::wall_time now) {
    for (std::size_t agent = 0; agent < agents_.size(); ++agent) {
        const auto sent = fleet_.reported(agent);
        if (!sent || sent->interval <= 0ms) {
            continue;
        }
        auto& a = agents_[agent];
        for (auto t = sent->last; t > a.sample && t >= sent->since; t -= sent->interval) {
            if (first_chance(t) + overdue < now) {
                record(t, now);
            }
        }
        a.sample = std::max(a.sample, sent->last);
    }
}

} // namespace vsim::viewer
