#include "net/pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <cassert>
#include <thread>
#include <vector>

namespace vsim::net {

namespace {

struct slice {
    explicit slice(unsigned runners)
        : context{static_cast<int>(runners)}, // 1 spares Asio the wake-ups between threads
          work{asio::make_work_guard(context)} {
        if (runners == 1) {
            lanes.assign(1, context.get_executor());
            return;
        }
        for (std::size_t i = 0; i < pool::lanes; ++i) {
            lanes.emplace_back(asio::make_strand(context));
        }
    }

    asio::io_context context;
    std::vector<asio::any_io_executor> lanes;
    asio::executor_work_guard<asio::io_context::executor_type> work;
};

} // namespace

struct pool::impl {
    std::vector<std::unique_ptr<slice>> slices;
    std::vector<std::thread> threads;
    unsigned thread_count;

    void join_threads() {
        for (auto& t : threads) {
            t.join();
        }
        threads.clear();
    }
};

pool::pool(unsigned threads, unsigned contexts) : impl_{std::make_unique<impl>()} {
    assert(1 <= contexts && contexts <= threads);
    impl_->thread_count = threads;
    for (unsigned c = 0; c < contexts; ++c) {
        const unsigned runners = threads / contexts + (c < threads % contexts ? 1 : 0);
        impl_->slices.push_back(std::make_unique<slice>(runners));
    }
    for (unsigned t = 0; t < threads; ++t) {
        auto& context = impl_->slices[t % contexts]->context;
        impl_->threads.emplace_back([&context] { context.run(); });
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

void pool::join() {
    for (auto& s : impl_->slices) {
        s->work.reset();
    }
    impl_->join_threads();
}

void pool::abandon() {
    for (auto& s : impl_->slices) {
        s->context.stop();
    }
    impl_->join_threads();
}

} // namespace vsim::net
