#include "net/group.hpp"

#include "net/waiter.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>
#include <cstdio>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace vsim::net {

namespace {

// One running task. The signal is emitted, and `ended` written, on the task's executor only.
struct member {
    explicit member(asio::any_io_executor e) : where{std::move(e)} {}

    asio::any_io_executor where;
    asio::cancellation_signal signal;
    bool is_cancelled = false;
    bool has_ended = false;
    // Place in the group's list of members, guarded by its mutex; the list owns `self`.
    std::shared_ptr<member> self;
    member* previous = nullptr;
    member* next = nullptr;
};

[[noreturn]] void die_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "vstats-sim: bug: a task ended with an exception: %s\n", e.what());
    } catch (...) {
        std::fprintf(stderr, "vstats-sim: bug: a task ended with an unknown exception\n");
    }
    std::terminate();
}

bool is_aborted(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

} // namespace

struct group::impl {
    explicit impl(asio::any_io_executor h) : home{std::move(h)} {}

    void add(const std::shared_ptr<member>& m) {
        const std::lock_guard lock{mutex};
        m->self = m;
        m->next = first;
        if (first != nullptr) {
            first->previous = m.get();
        }
        first = m.get();
        ++size;
    }

    void remove(member& m) {
        std::vector<waiter> ready;
        {
            const std::lock_guard lock{mutex};
            (m.previous != nullptr ? m.previous->next : first) = m.next;
            if (m.next != nullptr) {
                m.next->previous = m.previous;
            }
            m.self.reset(); // the caller still holds it
            if (--size == 0) {
                ready.swap(waiters);
            }
        }
        for (auto& w : ready) {
            resume(std::move(w));
        }
    }

    const asio::any_io_executor home;
    mutable std::mutex mutex;
    member* first = nullptr;
    std::size_t size = 0;
    std::vector<waiter> waiters;
};

group::group(asio::any_io_executor home) : impl_{std::make_shared<impl>(std::move(home))} {}

group::~group() {
    assert(size() == 0 && "a group outlives its tasks: drain() it first");
}

void group::spawn(asio::any_io_executor where, task<> t) {
    auto m = std::make_shared<member>(where);
    impl_->add(m);
    auto on_end = [owner = impl_, m](std::exception_ptr failure) {
        m->has_ended = true;
        if (failure && !(m->is_cancelled && is_aborted(failure))) {
            die_of(failure);
        }
        owner->remove(*m);
    };
    asio::co_spawn(
        std::move(where),
        std::move(t),
        asio::bind_cancellation_slot(m->signal.slot(), std::move(on_end))
    );
}

void group::spawn(task<> t) {
    spawn(impl_->home, std::move(t));
}

std::size_t group::size() const {
    const std::lock_guard lock{impl_->mutex};
    return impl_->size;
}

task<> group::drain() {
    auto enlist = [owner = impl_](waiter w) {
        {
            const std::lock_guard lock{owner->mutex};
            if (owner->size > 0) {
                owner->waiters.push_back(std::move(w));
                return;
            }
        }
        resume(std::move(w));
    };
    return wait_for(std::move(enlist));
}

void group::cancel() {
    std::vector<std::shared_ptr<member>> running;
    {
        const std::lock_guard lock{impl_->mutex};
        running.reserve(impl_->size);
        for (auto* m = impl_->first; m != nullptr; m = m->next) {
            running.push_back(m->self);
        }
    }
    for (auto& m : running) {
        auto where = m->where;
        asio::post(where, [m = std::move(m)] {
            if (!m->has_ended) {
                m->is_cancelled = true;
                m->signal.emit(asio::cancellation_type::terminal);
            }
        });
    }
}

} // namespace vsim::net
