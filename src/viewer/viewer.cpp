#include "viewer/viewer.hpp"

#include "net/race.hpp"
#include "net/websocket.hpp"
#include "net/yield.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace vsim::viewer {

namespace {

using namespace std::chrono_literals;
using stats::counter;
using util::errc;

const std::string path = "/ws";
constexpr auto connect_deadline = 10s;
constexpr auto close_deadline = 1s;
constexpr auto before_next = 1s;           // the real page's
constexpr std::uint16_t going_away = 1001; // RFC 6455, 7.4.1: the page is closed
// Of a delta of thousands, before others have their turn: well under a millisecond.
constexpr std::size_t entries_at_once = 256;

util::steady_time now() {
    return std::chrono::steady_clock::now();
}

void count_error(const surroundings& s, const util::error& e) {
    if (e.code != errc::cancelled) {
        s.counts->error(std::string{"viewer."}.append(util::name(e.code)), e.message);
    }
}

// One connection; `link` keeps it beyond a cancellation.
net::task<> session(const surroundings& s, screen& on, std::optional<net::websocket>& link) {
    auto opened = co_await net::websocket::connect(s.server, path, now() + connect_deadline);
    if (!opened) {
        count_error(s, opened.error());
        co_return;
    }
    link.emplace(*std::move(opened));
    s.counts->add(counter::viewers_connected);
    s.present->come();
    on.connect();
    for (;;) {
        const auto event = co_await link->receive(util::steady_time::max());
        const auto arrival = s.clock.to_wall(now());
        if (!event || event->what == net::incoming::kind::closed) {
            const auto why =
                event ? util::make_error(errc::closed, "the server said goodbye") : event.error();
            count_error(s, why);
            co_return;
        }
        if (event->what == net::incoming::kind::message) {
            on.take(event->payload, arrival);
            while (on.work(entries_at_once)) {
                co_await net::yield();
            }
        }
    }
}

} // namespace

net::task<> until_stopped(const surroundings& s) {
    co_await s.pace->sleep_until(util::steady_time::max());
}

net::task<> view(const surroundings& s, screen& on) {
    while (!s.pace->is_stopped()) {
        std::optional<net::websocket> link;
        co_await net::race(session(s, on, link), until_stopped(s));
        if (link) {
            s.present->go();
        }
        if (s.pace->is_stopped()) {
            on.finish(s.clock.to_wall(now()));
            if (link) {
                co_await link->close(going_away, now() + close_deadline);
            }
            co_return;
        }
        if (link) {
            s.counts->add(counter::viewers_disconnected);
        }
        link.reset();
        const auto next = now() + before_next;
        co_await s.pace->sleep_until(next);
    }
    on.finish(s.clock.to_wall(now()));
}

} // namespace vsim::viewer
