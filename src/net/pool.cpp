#include "net/pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace vsim::net {

namespace {

// How much of the threads at work has to be busy before more join in, and how little before one
// stands aside, after so many calls in a row.
constexpr double busy_enough = 0.6;
constexpr double idle_enough = 0.4;
constexpr int calls_before_less = 10;

util::nanoseconds cpu_time(clockid_t of_thread) {
    timespec t{};
    ::clock_gettime(of_thread, &t);
    return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

// The second number of the kernel's schedstat (Documentation/scheduler/sched-stats.rst).
std::optional<util::nanoseconds> run_queue_wait(pid_t thread) {
    std::ifstream file{"/proc/self/task/" + std::to_string(thread) + "/schedstat"};
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    if (!(file >> ran >> waited)) {
        return std::nullopt;
    }
    return util::nanoseconds{waited};
}

// A context and the threads that run it. Those that stand aside wait inside a handler.
class slice {
public:
    explicit slice(unsigned runners)
        : active{runners}, context{static_cast<int>(runners)}, // 1 spares Asio the wake-ups
          work_{asio::make_work_guard(context)}, runners_{runners}, ids_(runners) {
        if (runners == 1) {
            lanes.assign(1, context.get_executor());
            return;
        }
        for (std::size_t i = 0; i < pool::lanes; ++i) {
            lanes.emplace_back(asio::make_strand(context));
        }
    }

    void start() {
        for (unsigned i = 0; i < runners_; ++i) {
            auto& t = threads_.emplace_back([this, i] {
                ids_[i] = ::gettid();
                context.run();
            });
            ::pthread_getcpuclockid(t.native_handle(), &clocks_.emplace_back());
        }
        balanced_at_ = std::chrono::steady_clock::now();
    }

    void balance() {
        const auto now = std::chrono::steady_clock::now();
        util::nanoseconds cpu{0};
        for (const auto c : clocks_) {
            cpu += cpu_time(c);
        }
        const std::chrono::duration<double> used = cpu - std::exchange(cpu_, cpu);
        const std::chrono::duration<double> passed = now - std::exchange(balanced_at_, now);
        const double busy = used / passed; // threads
        // A handler that has waited since the last call: too few threads, or they get no CPU.
        const bool is_behind = !probe_has_run_.exchange(false);
        asio::post(context, [this] { probe_has_run_ = true; });
        const bool is_less_enough = active > 1 && busy < idle_enough * (active - 1);
        idle_calls_ = is_less_enough && !is_behind ? idle_calls_ + 1 : 0;
        if (is_behind || busy > busy_enough * active) {
            call_back(runners_ - active);
        } else if (idle_calls_ == calls_before_less) {
            idle_calls_ = 0;
            --active;
            asio::post(context, [this] { stand_aside(); });
        }
    }

    void append_times(std::vector<thread_time>& to) const {
        for (std::size_t i = 0; i < clocks_.size(); ++i) {
            to.push_back({cpu_time(clocks_[i]), run_queue_wait(ids_[i])});
        }
    }

    // No more balance() from here on.
    void let_end() {
        work_.reset();
        call_back(runners_ - active);
    }
    void join() {
        for (auto& t : threads_) {
            t.join();
        }
        threads_.clear();
        clocks_.clear();
    }

    unsigned active; // the others stand aside or are about to
    asio::io_context context;
    std::vector<asio::any_io_executor> lanes;

private:
    void stand_aside() {
        std::unique_lock lock{mutex_};
        may_return_.wait(lock, [this] { return returning_ > 0; });
        --returning_;
    }
    void call_back(unsigned threads) {
        active += threads;
        const std::lock_guard lock{mutex_};
        returning_ += threads;
        may_return_.notify_all();
    }

    asio::executor_work_guard<asio::io_context::executor_type> work_;
    const unsigned runners_;
    std::vector<std::thread> threads_;
    std::vector<clockid_t> clocks_;       // their CPU time
    std::vector<std::atomic<pid_t>> ids_; // 0 until they run
    util::nanoseconds cpu_{0};
    util::steady_time balanced_at_;
    int idle_calls_ = 0;
    std::atomic<bool> probe_has_run_ = true;

    std::mutex mutex_; // guards what follows
    std::condition_variable may_return_;
    unsigned returning_ = 0;
};

} // namespace

struct pool::impl {
    std::vector<std::unique_ptr<slice>> slices;
    unsigned thread_count = 0;

    void join_threads() {
        for (auto& s : slices) {
            s->join();
        }
    }
};

pool::pool(unsigned threads, unsigned contexts) : impl_{std::make_unique<impl>()} {
    assert(1 <= contexts && contexts <= threads);
    impl_->thread_count = threads;
    for (unsigned c = 0; c < contexts; ++c) {
        const unsigned runners = threads / contexts + (c < threads % contexts ? 1 : 0);
        impl_->slices.push_back(std::make_unique<slice>(runners));
        impl_->slices.back()->start();
    }
}

pool::~pool() {
    join();
}

unsigned pool::threads() const {
    return impl_->thread_count;
}

unsigned pool::contexts() const {
    return static_cast<unsigned>(impl_->slices.size());
}

asio::any_io_executor pool::serial_executor(std::size_t key) const {
    const auto& own = impl_->slices[context_of(key)]->lanes;
    return own[key / contexts() % own.size()];
}

asio::any_io_executor pool::executor(unsigned context) const {
    return impl_->slices[context]->context.get_executor();
}

unsigned pool::context_of(std::size_t key) const {
    return static_cast<unsigned>(key % impl_->slices.size());
}

void pool::balance() {
    for (auto& s : impl_->slices) {
        s->balance();
    }
}

unsigned pool::active() const {
    unsigned total = 0;
    for (const auto& s : impl_->slices) {
        total += s->active;
    }
    return total;
}

std::vector<thread_time> pool::thread_times() const {
    std::vector<thread_time> times;
    for (const auto& s : impl_->slices) {
        s->append_times(times);
    }
    return times;
}

void pool::join() {
    for (auto& s : impl_->slices) {
        s->let_end();
    }
    impl_->join_threads();
}

void pool::abandon() {
    for (auto& s : impl_->slices) {
        s->let_end();
        s->context.stop();
    }
    impl_->join_threads();
}

} // namespace vsim::net
