#include "app/main_loop.hpp"

#include "app/exit_code.hpp"
#include "net/group.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <pthread.h>
#include <utility>

namespace vsim::app {
namespace {

constexpr int wake_signal = SIGUSR1; // the work has ended
constexpr long tick_ns = 100'000'000;
constexpr long end_ns = 1'000'000; // between the end of the work and that of its task

sigset_t held_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGINT, SIGTERM, SIGHUP, wake_signal}) {
        sigaddset(&set, s);
    }
    return set;
}

void forget_wake_up() {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, wake_signal);
    const timespec at_once{0, 0};
    while (::sigtimedwait(&only, nullptr, &at_once) == wake_signal) {
    }
}

net::task<> with_wake_up(net::task<> work, pthread_t main_thread) {
    co_await std::move(work);
    ::pthread_kill(main_thread, wake_signal);
}

} // namespace

void hold_signals() {
    const auto set = held_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool rest_until_signal(util::nanoseconds length) {
    const auto set = held_signals();
    const auto until = std::chrono::steady_clock::now() + length;
    for (auto now = until - length;; now = std::chrono::steady_clock::now()) {
        const auto left = std::max(util::nanoseconds{0}, util::nanoseconds{until - now});
        const auto whole = std::chrono::floor<std::chrono::seconds>(left);
        const timespec pause{whole.count(), (left - whole).count()};
        const int got = ::sigtimedwait(&set, nullptr, &pause);
        if (got > 0 && got != wake_signal) { // that of work which has ended may be late
            return true;
        }
        if (left.count() == 0) {
            return false;
        }
    }
}

void run_main_loop(net::pool& p, net::task<> work, const main_loop_hooks& hooks) {
    const auto set = held_signals();
    forget_wake_up(); // of a loop before this one
    net::group running{p.serial_executor(0)};
    running.spawn(with_wake_up(std::move(work), ::pthread_self()));
    bool is_stopping = false;
    timespec pause{0, tick_ns};
    while (running.size() > 0) {
        const int got = ::sigtimedwait(&set, nullptr, &pause);
        if (got == wake_signal) {
            pause.tv_nsec = end_ns;
        } else if (got > 0 && is_stopping) {
            hooks.before_exit();
            std::_Exit(to_int(exit_code::stopped));
        } else if (got > 0) {
            is_stopping = true;
            hooks.on_stop();
        }
        p.balance();
        hooks.on_tick();
    }
    if (hooks.holds_on) {
        return;
    }
    // What comes now ends us as usual; the wake-up may still be on its way and must not.
    auto released = set;
    sigdelset(&released, wake_signal);
    ::pthread_sigmask(SIG_UNBLOCK, &released, nullptr);
}

} // namespace vsim::app
