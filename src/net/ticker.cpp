#include "net/ticker.hpp"

#include "net/pool.hpp"
#include "net/wheel.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace vsim::net {

using sleep_token = asio::use_awaitable_t<>;
using sleep_handler =
    asio::async_result<sleep_token, void(boost::system::error_code, wake)>::handler_type;

namespace {
class clockwork;
}

// Somebody asleep. It lives in the initiation object, which Asio keeps in the frame of the sleeping
// coroutine until that resumes: sleeping allocates nothing else.
struct sleeper : wheel_entry {
    std::optional<sleep_handler> handler;
    clockwork* where = nullptr;
    interrupter* alarm = nullptr;

    void fall_asleep(sleep_handler h) {
        handler.emplace(std::move(h));
        if (alarm != nullptr) {
            assert(alarm->asleep_ == nullptr);
            alarm->asleep_ = this;
        }
    }

    void resume(boost::system::error_code ec, wake why) {
        if (alarm != nullptr) {
            alarm->asleep_ = nullptr;
        }
        auto h = std::move(*handler); // the frame, and this object in it, may go when h runs
        handler.reset();
        std::move(h)(ec, why);
    }
};

namespace {

using boost::system::error_code;

sleeper* as_sleeper(wheel_entry* e) {
    return static_cast<sleeper*>(e);
}

// Sleepers of one executor, in a list through `next`, resumed one after the other.
class batch {
public:
    explicit batch(wake why) : why_{why} {}
    batch(batch&& other) noexcept
        : first_{std::exchange(other.first_, nullptr)}, last_{std::exchange(other.last_, nullptr)},
          why_{other.why_} {}
    batch& operator=(batch&&) = delete;
    // Finds something only when the executor's context is torn down before it ran us.
    ~batch() {
        while (auto* s = pop()) {
            s->handler.reset();
        }
    }

    bool empty() const { return first_ == nullptr; }

    void add(sleeper& s) {
        s.next = nullptr;
        (last_ != nullptr ? last_->next : first_) = &s;
        last_ = &s;
    }

    void operator()() {
        while (auto* s = pop()) {
            s->resume({}, why_);
        }
    }

private:
    sleeper* pop() {
        auto* s = as_sleeper(first_);
        if (s != nullptr) {
            first_ = s->next;
        }
        return s;
    }

    wheel_entry* first_ = nullptr;
    wheel_entry* last_ = nullptr;
    wake why_;
};

// Who is due goes on here and now, unless its executor is busy elsewhere: one thread that works
// through a tick is cheaper than waking others for it, and the next tick finds another thread.
// Who is stopped goes on later: stop() may be called from anywhere.
void send(const asio::any_io_executor& where, batch sleepers, wake why) {
    if (why == wake::due) {
        asio::dispatch(where, std::move(sleepers));
    } else {
        asio::post(where, std::move(sleepers));
    }
}

// One batch for each run of sleepers on the same executor. Several stay open side by side, so that
// sleepers of several executors may alternate.
void send_all(wheel_list& ready, wake why) {
    struct open_batch {
        asio::any_io_executor where;
        batch sleepers;
    };
    std::array<open_batch, 4> open{
        {{{}, batch{why}}, {{}, batch{why}}, {{}, batch{why}}, {{}, batch{why}}}
    };
    std::size_t oldest = 0;
    while (auto* e = ready.pop_front()) {
        auto& s = *as_sleeper(e);
        auto where = s.handler->get_executor();
        auto home = std::find_if(open.begin(), open.end(), [&](const open_batch& b) {
            return !b.sleepers.empty() && b.where == where;
        });
        if (home == open.end()) {
            home = open.begin() + static_cast<std::ptrdiff_t>(oldest);
            oldest = (oldest + 1) % open.size();
            if (!home->sleepers.empty()) {
                send(home->where, std::move(home->sleepers), why);
            }
            home->where = std::move(where);
        }
        home->sleepers.add(s);
    }
    for (auto& b : open) {
        if (!b.sleepers.empty()) {
            send(b.where, std::move(b.sleepers), why);
        }
    }
}

// A wheel and the timer that turns it, on one context.
class clockwork : public std::enable_shared_from_this<clockwork> {
public:
    clockwork(asio::any_io_executor home, util::milliseconds tick)
        : tick_{tick}, origin_{std::chrono::steady_clock::now()}, timer_{std::move(home)} {}

    bool runs_on(const asio::any_io_executor& e) {
        return &asio::query(timer_.get_executor(), asio::execution::context) ==
               &asio::query(e, asio::execution::context);
    }

    void sleep(sleeper& s, util::steady_time due, sleep_handler h) {
        s.where = this;
        s.fall_asleep(std::move(h));
        const auto now = std::chrono::steady_clock::now();
        {
            const std::lock_guard lock{mutex_};
            if (!is_stopped_ && due > now) {
                auto slot = asio::get_associated_cancellation_slot(*s.handler);
                if (slot.is_connected()) {
                    slot.assign([&s](asio::cancellation_type type) {
                        if ((type & asio::cancellation_type::terminal) !=
                            asio::cancellation_type::none) {
                            s.where->cancel(s);
                        }
                    });
                }
                // `due` may be the far end of time, where tick arithmetic would overflow.
                const auto horizon = now + std::chrono::hours{24 * 365};
                if (entries_.size() == 0) {
                    catch_up(now);
                }
                entries_.add(s, tick_at_or_after(std::min(due, horizon)));
                arm();
                return;
            }
        }
        const auto why = is_stopped_ ? wake::stopped : wake::due;
        const auto where = s.handler->get_executor();
        batch one{why};
        one.add(s);
        asio::post(where, std::move(one));
    }

    // These two on the sleeper's executor, which also resumes it: so `s` is alive, but may be on
    // its way already.
    void cancel(sleeper& s) {
        if (take_out(s)) {
            const auto where = s.handler->get_executor();
            asio::post(where, [&s] { s.resume(asio::error::operation_aborted, wake::due); });
        }
    }
    void interrupt(sleeper& s) {
        if (take_out(s)) {
            s.resume({}, wake::interrupted);
        }
    }

    void stop() {
        wheel_list all;
        {
            const std::lock_guard lock{mutex_};
            is_stopped_ = true;
            entries_.take_all(all);
            arm();
        }
        send_all(all, wake::stopped);
    }

    bool is_stopped() const { return is_stopped_; }

    std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return entries_.size();
    }

private:
    bool take_out(sleeper& s) {
        const std::lock_guard lock{mutex_};
        if (!s.is_waiting) {
            return false;
        }
        entries_.remove(s);
        arm();
        return true;
    }

    std::uint64_t tick_at_or_after(util::steady_time t) const {
        return static_cast<std::uint64_t>((t - origin_ + tick_ - util::nanoseconds{1}) / tick_);
    }

    std::uint64_t tick_before(util::steady_time t) const {
        return static_cast<std::uint64_t>((t - origin_) / tick_);
    }

    // After an idle time the wheel does not know how late it is.
    void catch_up(util::steady_time now) {
        wheel_list nobody;
        entries_.advance(tick_before(now), nobody);
    }

    // Makes the timer fit the earliest entry. Under the mutex, which is what makes it safe to touch
    // the timer from any thread.
    void arm() {
        const auto next = entries_.next_tick();
        if (!next) {
            timer_.cancel();
            armed_.reset();
            return;
        }
        if (armed_ && *armed_ <= *next) {
            return; // it will ring early enough, and then be set again
        }
        armed_ = next;
        timer_.expires_at(origin_ + tick_ * static_cast<std::int64_t>(*next));
        timer_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) {
                self->ring();
            }
        });
    }

    // On whichever thread of the context: while this one works, another waits for the next tick.
    void ring() {
        wheel_list ready;
        {
            const std::lock_guard lock{mutex_};
            armed_.reset();
            entries_.advance(tick_before(std::chrono::steady_clock::now()), ready);
            arm();
        }
        send_all(ready, wake::due);
    }

    const util::milliseconds tick_;
    const util::steady_time origin_;
    std::atomic<bool> is_stopped_ = false;
    mutable std::mutex mutex_; // guards all below
    wheel entries_;
    asio::steady_timer timer_;
    std::optional<std::uint64_t> armed_; // the tick the timer waits for
};

} // namespace

void interrupter::interrupt() {
    if (asleep_ != nullptr) {
        asleep_->where->interrupt(*asleep_);
    }
}

struct ticker::impl {
    std::vector<std::shared_ptr<clockwork>> wheels; // one a context

    clockwork& wheel_for(const asio::any_io_executor& e) {
        const auto own = std::ranges::find_if(wheels, [&](auto& w) { return w->runs_on(e); });
        return own == wheels.end() ? *wheels.front() : **own;
    }

    task<wake> sleep(util::steady_time due, interrupter* by) {
        struct operation {
            impl* all;
            util::steady_time due;
            sleeper self;

            void operator()(sleep_handler h) {
                auto& wheel = all->wheel_for(h.get_executor());
                wheel.sleep(self, due, std::move(h));
            }
        };
        operation start{this, due, {}};
        start.self.alarm = by;
        sleep_token token;
        return asio::async_initiate<sleep_token, void(error_code, wake)>(std::move(start), token);
    }
};

ticker::ticker(asio::any_io_executor home, util::milliseconds tick)
    : impl_{std::make_shared<impl>()} {
    impl_->wheels.push_back(std::make_shared<clockwork>(std::move(home), tick));
}

ticker::ticker(const pool& p, util::milliseconds tick) : impl_{std::make_shared<impl>()} {
    for (unsigned c = 0; c < p.contexts(); ++c) {
        impl_->wheels.push_back(std::make_shared<clockwork>(p.executor(c), tick));
    }
}

ticker::~ticker() {
    assert(sleepers() == 0 && "a ticker outlives its sleepers");
    stop(); // its timers must not keep a context running
}

task<wake> ticker::sleep_until(util::steady_time due) {
    return impl_->sleep(due, nullptr);
}

task<wake> ticker::sleep_until(util::steady_time due, interrupter& by) {
    return impl_->sleep(due, &by);
}

void ticker::stop() {
    for (auto& w : impl_->wheels) {
        w->stop();
    }
}

bool ticker::is_stopped() const {
    return impl_->wheels.front()->is_stopped();
}

std::size_t ticker::sleepers() const {
    std::size_t total = 0;
    for (const auto& w : impl_->wheels) {
        total += w->size();
    }
    return total;
}

} // namespace vsim::net
