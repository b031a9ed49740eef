#include "net/limiter.hpp"

#include "net/waiter.hpp"

#include <cassert>
#include <deque>
#include <mutex>
#include <vector>

namespace vsim::net {

struct limiter::impl {
    explicit impl(std::size_t n) : places{n} {}

    const std::size_t places;
    std::mutex mutex; // guards what follows
    std::size_t taken = 0;
    std::deque<waiter> queue;
    std::vector<waiter> for_empty;
};

limiter::limiter(std::size_t places) : impl_{std::make_shared<impl>(places)} {
    assert(places > 0);
}

limiter::~limiter() {
    const std::lock_guard lock{impl_->mutex};
    assert(impl_->queue.empty() && impl_->for_empty.empty() && "a limiter outlives its waiters");
}

task<> limiter::enter() {
    auto enlist = [i = impl_](waiter w) {
        {
            const std::lock_guard lock{i->mutex};
            if (i->taken == i->places) {
                i->queue.push_back(std::move(w));
                return;
            }
            ++i->taken;
        }
        resume(std::move(w));
    };
    return wait_for(std::move(enlist));
}

void limiter::leave() {
    std::vector<waiter> ready;
    {
        const std::lock_guard lock{impl_->mutex};
        assert(impl_->taken > 0);
        if (!impl_->queue.empty()) { // the place passes on
            ready.push_back(std::move(impl_->queue.front()));
            impl_->queue.pop_front();
        } else if (--impl_->taken == 0) {
            ready.swap(impl_->for_empty);
        }
    }
    for (auto& w : ready) {
        resume(std::move(w));
    }
}

task<> limiter::wait_until_empty() {
    auto enlist = [i = impl_](waiter w) {
        {
            const std::lock_guard lock{i->mutex};
            if (i->taken > 0) {
                i->for_empty.push_back(std::move(w));
                return;
            }
        }
        resume(std::move(w));
    };
    return wait_for(std::move(enlist));
}

} // namespace vsim::net
