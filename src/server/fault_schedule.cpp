#include "server/fault_schedule.hpp"

#include "util/parse.hpp"
#include "util/random.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>
#include <utility>

namespace vsim::server {

namespace {

constexpr std::size_t home_key = 0;

// Every thread of the pool sleeps until then, or is about to: whoever is called back to work later
// meets one of these first.
void hold_threads(const net::pool& p, util::steady_time until) {
    for (unsigned context = 0; context < p.contexts(); ++context) {
        for (unsigned i = 0; i < p.threads(); ++i) {
            boost::asio::post(p.executor(context), [until] {
                std::this_thread::sleep_until(until);
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
    std::function<void(const std::string&)> say
)
    : pool_{p}, door_{door}, agents_{all}, servers_{servers}, plan_{std::move(plan)},
      say_{std::move(say)}, ticker_{p.serial_executor(home_key)},
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
        hold_threads(pool_, began_ + s.at + s.length); // first: whoever hears of it meets it
        say_(fmt::format("nothing is handled for {}", util::format_duration(s.length)));
    }
}

net::task<> fault_schedule::refuse(fault_span s) {
    if (s.at.count() > 0) { // else before the first connection is accepted
        const auto woken = co_await ticker_.sleep_until(began_ + s.at);
        if (woken != net::wake::due) {
            co_return;
        }
    }
    say_(fmt::format("connections are refused for {}", util::format_duration(s.length)));
    auto done = door_.refuse(true);
    if (done) {
        const auto woken = co_await ticker_.sleep_until(began_ + s.at + s.length);
        if (woken != net::wake::due) {
            co_return;
        }
        done = door_.refuse(false);
    }
    say_(done ? "connections are accepted again" : done.error().message);
}

net::task<> fault_schedule::kill(util::nanoseconds at) {
    const auto woken = co_await ticker_.sleep_until(began_ + at);
    if (woken == net::wake::due) {
        say_("killed");
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
            say_(fmt::format("closed {} connections of agents", closed));
        }
    }
}

} // namespace vsim::server
