#include "net/ticker.hpp"

#include "net/wheel.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
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

namespace vsim::net {

namespace {

using boost::system::error_code;
using sleep_token = asio::use_awaitable_t<>;
using sleep_handler = asio::async_result<sleep_token, void(error_code, wake)>::handler_type;

// Somebody asleep. It lives in the initiation object, which Asio keeps in the frame of the sleeping
// coroutine until that resumes: sleeping allocates nothing else.
struct sleeper : wheel_entry {
    std::optional<sleep_handler> handler;

    void resume(error_code ec, wake why) {
        auto h = std::move(*handler); // the frame, and this object in it, may go when h runs
        handler.reset();
        std::move(h)(ec, why);
    }
};

sleeper* as_sleeper(wheel_entry* e) {
    return static_cast<sleeper*>(e);
}

// Sleepers of one executor, in a list through `next`, resumed one after the other by a single post.
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

// One post for each run of sleepers on the same executor. Several batches stay open side by side,
// so that sleepers of several contexts may alternate; strands all differ and are posted one by one.
void send_all(wheel_list& ready, wake why) {
    struct open_batch {
        asio::any_io_executor where;
        batch sleepers;

        void send() {
            if (!sleepers.empty()) {
                asio::post(where, std::move(sleepers));
            }
        }
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
            home->send();
            home->where = std::move(where);
        }
        home->sleepers.add(s);
    }
    for (auto& b : open) {
        b.send();
    }
}

} // namespace

struct ticker::impl : std::enable_shared_from_this<ticker::impl> {
    impl(asio::any_io_executor home, util::milliseconds t)
        : tick{t}, origin{std::chrono::steady_clock::now()}, timer{std::move(home)} {}

    std::uint64_t tick_at_or_after(util::steady_time t) const {
        return static_cast<std::uint64_t>((t - origin + tick - util::nanoseconds{1}) / tick);
    }

    std::uint64_t tick_before(util::steady_time t) const {
        return static_cast<std::uint64_t>((t - origin) / tick);
    }

    void sleep(sleeper& s, util::steady_time due, sleep_handler h) {
        s.handler.emplace(std::move(h));
        const auto now = std::chrono::steady_clock::now();
        {
            const std::lock_guard lock{mutex};
            if (!is_stopped && due > now) {
                auto slot = asio::get_associated_cancellation_slot(*s.handler);
                if (slot.is_connected()) {
                    slot.assign([this, &s](asio::cancellation_type type) {
                        if ((type & asio::cancellation_type::terminal) !=
                            asio::cancellation_type::none) {
                            cancel(s);
                        }
                    });
                }
                // `due` may be the far end of time, where tick arithmetic would overflow.
                const auto horizon = now + std::chrono::hours{24 * 365};
                if (entries.size() == 0) {
                    catch_up(now);
                }
                entries.add(s, tick_at_or_after(std::min(due, horizon)));
                arm();
                return;
            }
        }
        send(s, is_stopped.load() ? wake::stopped : wake::due);
    }

    // After an idle time the wheel does not know how late it is.
    void catch_up(util::steady_time now) {
        wheel_list nobody;
        entries.advance(tick_before(now), nobody);
    }

    static void send(sleeper& s, wake why) {
        const auto where = s.handler->get_executor();
        batch one{why};
        one.add(s);
        asio::post(where, std::move(one));
    }

    // On the sleeper's executor, which also resumes it: so `s` is alive, but may be on its way.
    void cancel(sleeper& s) {
        {
            const std::lock_guard lock{mutex};
            if (!s.is_waiting) {
                return;
            }
            entries.remove(s);
            arm();
        }
        const auto where = s.handler->get_executor();
        asio::post(where, [&s] { s.resume(asio::error::operation_aborted, wake::due); });
    }

    // Makes the timer fit the earliest entry. Under the mutex, which is what makes it safe to touch
    // the timer from any thread.
    void arm() {
        const auto next = entries.next_tick();
        if (!next) {
            timer.cancel();
            armed.reset();
            return;
        }
        if (armed && *armed <= *next) {
            return; // it will ring early enough, and then be set again
        }
        armed = next;
        timer.expires_at(origin + tick * static_cast<std::int64_t>(*next));
        timer.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) {
                self->ring();
            }
        });
    }

    void ring() {
        wheel_list ready;
        {
            const std::lock_guard lock{mutex};
            armed.reset();
            entries.advance(tick_before(std::chrono::steady_clock::now()), ready);
            arm();
        }
        send_all(ready, wake::due);
    }

    const util::milliseconds tick;
    const util::steady_time origin;
    std::atomic<bool> is_stopped = false;
    mutable std::mutex mutex; // guards all below
    wheel entries;
    asio::any_io_executor work; // home must not run out of work before its last sleeper is gone
    asio::steady_timer timer;
    std::optional<std::uint64_t> armed; // the tick the timer waits for
};

ticker::ticker(asio::any_io_executor home, util::milliseconds tick)
    : impl_{std::make_shared<impl>(std::move(home), tick)} {}

ticker::~ticker() {
    const std::lock_guard lock{impl_->mutex};
    assert(impl_->entries.size() == 0 && "a ticker outlives its sleepers");
    impl_->timer.cancel();
    impl_->work = {};
}

task<wake> ticker::sleep_until(util::steady_time due) {
    struct operation {
        impl* wheel;
        util::steady_time due;
        sleeper self;

        void operator()(sleep_handler h) { wheel->sleep(self, due, std::move(h)); }
    };
    sleep_token token;
    return asio::async_initiate<sleep_token, void(error_code, wake)>(
        operation{impl_.get(), due, {}}, token
    );
}

void ticker::stop() {
    wheel_list all;
    {
        const std::lock_guard lock{impl_->mutex};
        impl_->is_stopped = true;
        impl_->entries.take_all(all);
        impl_->arm();
        impl_->work = {};
    }
    send_all(all, wake::stopped);
}

bool ticker::is_stopped() const {
    return impl_->is_stopped;
}

std::size_t ticker::sleepers() const {
    const std::lock_guard lock{impl_->mutex};
    return impl_->entries.size();
}

} // namespace vsim::net
