#include "server/fault_schedule.hpp"

#include "util/parse.hpp"
#include "util/random.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>
#include <unistd.h>
#include <utility>

namespace vsim::server {

namespace {

constexpr std::size_t home_key = 0;
constexpr util::milliseconds slice{200};

void hold_thread(util::steady_time until, const std::function<bool()>& is_stopping) {
    for (auto now = std::chrono::steady_clock::now(); now < until && !is_stopping();
         now = std::chrono::steady_clock::now()) {
        std::this_thread::sleep_until(std::min(until, now + slice));
    }
}

// Every thread of the pool sleeps until then, or is about to: whoever is called back to work later
// meets one of these first.
void hold_threads(
    const net::pool& p, util::steady_time until, const std::function<bool()>& is_stopping
) {
    for (unsigned context = 0; context < p.contexts(); ++context) {
        for (unsigned i = 0; i < p.threads(); ++i) {
            boost::asio::post(p.executor(context), [until, is_stopping] {
                hold_thread(until, is_stopping);
            });
        }
    }
}

} // namespace

fault_schedule::fault_schedule(
    net::pool& p,
    net::listener& door,
    agents& all,
    const registry& servers,
    fault_plan plan,
    fault_hooks hooks
)
    : pool_{p}, door_{door}, agents_{all}, servers_{servers}, plan_{std::move(plan)},
      hooks_{std::move(hooks)}, ticker_{p.serial_executor(home_key)},
      running_{p.serial_executor(home_key)} {}

void fault_schedule::start() {
    began_ = std::chrono::steady_clock::now();
    for (const auto& s : plan_.stalls) {
        running_.spawn(stall(s));
    }
    for (const auto& s : plan_.refusals) {
        running_.spawn(refuse(s));
    }
    if (plan_.kill) {
        running_.spawn(kill(*plan_.kill));
    }
    if (plan_.close_share > 0) {
        running_.spawn(close_some());
    }
}

net::task<> fault_schedule::stop() {
    ticker_.stop();
    co_await running_.drain();
}

net::task<> fault_schedule::stall(fault_span s) {
    const auto woken = co_await ticker_.sleep_until(began_ + s.at);
    if (woken == net::wake::due) {
        // First: whoever hears of it meets it.
        hold_threads(pool_, began_ + s.at + s.length, hooks_.is_stopping);
        hooks_.say(fmt::format("nothing is handled for {}", util::format_duration(s.length)));
    }
}

net::task<> fault_schedule::refuse(fault_span s) {
    if (s.at.count() > 0) { // else before the first connection is accepted
        const auto woken = co_await ticker_.sleep_until(began_ + s.at);
        if (woken != net::wake::due) {
            co_return;
        }
    }
    if (refusals_++ == 0) { // else another one is in force
        const auto done = door_.refuse(true);
        if (!done) {
            hooks_.warn(done.error().message);
        }
    }
    // After it was done: whoever hears of it is refused.
    hooks_.say(fmt::format("connections are refused for {}", util::format_duration(s.length)));
    const auto woken = co_await ticker_.sleep_until(began_ + s.at + s.length);
    if (woken != net::wake::due || --refusals_ > 0) {
        co_return;
    }
    const auto done = door_.refuse(false);
    if (done) {
        hooks_.say("connections are accepted again");
    } else {
        hooks_.warn(done.error().message);
    }
}

net::task<> fault_schedule::kill(util::nanoseconds at) {
    const auto woken = co_await ticker_.sleep_until(began_ + at);
    if (woken == net::wake::due) {
        hooks_.say("killed");
        ::kill(::getpid(), SIGKILL);
    }
}

std::size_t fault_schedule::close_unlucky(std::uint64_t second) {
    return agents_.close_if([&](const std::string& id) {
        const auto entry = servers_.find(id); // none: deleted
        return entry &&
               is_hit(
                   plan_.close_share, util::stream("close"), entry->object().fields.name, second
               );
    });
}

net::task<> fault_schedule::close_some() {
    for (std::uint64_t second = 1;; ++second) {
        const auto due = began_ + std::chrono::seconds{second};
        const auto woken = co_await ticker_.sleep_until(due);
        if (woken != net::wake::due) {
            co_return;
        }
        const auto closed = close_unlucky(second);
        if (closed > 0) {
            hooks_.say(fmt::format("closed {} connections of agents", closed));
        }
    }
}

} // namespace vsim::server
