#include "server/store.hpp"

#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <chrono>
#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

store::store(writer w, store_limits limits, on_skipped tell)
    : limits_{limits}, tell_skipped_{std::move(tell)}, writer_{std::move(w)},
      thread_{[this] { run(); }} {}

store::~store() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

net::task<> store::push(job j) {
    const auto where = co_await asio::this_coro::executor;
    const auto rows = weight(j);
    wakeup admitted{where};
    {
        const std::lock_guard lock{mutex_};
        assert(!closing_);
        ++pushed_;
        if (held_.empty() && has_room(rows)) {
            enqueue(std::move(j), rows);
            co_return;
        }
        ++figures_.held;
        held_.push_back({std::move(j), rows, admitted});
    }
    co_await admitted.wait();
}

net::task<> store::flush() {
    const auto where = co_await asio::this_coro::executor;
    wakeup done{where};
    {
        const std::lock_guard lock{mutex_};
        if (committed_ == pushed_) {
            co_return;
        }
        flushers_.push_back({pushed_, done});
    }
    changed_.notify_one();
    co_await done.wait();
}

net::task<> store::close() {
    const auto where = co_await asio::this_coro::executor;
    wakeup closed{where};
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        closed_ = closed;
    }
    changed_.notify_one();
    co_await closed.wait();
    thread_.join(); // on its last instructions
}

store_figures store::figures() const {
    const std::lock_guard lock{mutex_};
    auto figures = figures_;
    figures.queued = queued_rows_;
    return figures;
}

bool store::has_room(std::size_t rows) const {
    return queue_.empty() || queued_rows_ + rows <= limits_.queue_rows;
}

void store::enqueue(job&& j, std::size_t rows) {
    queue_.push_back(std::move(j));
    queued_rows_ += rows;
    if (queue_.size() == 1 || queued_rows_ >= limits_.batch_rows) {
        changed_.notify_one();
    }
}

void store::admit_held() {
    while (!held_.empty() && has_room(held_.front().rows)) {
        auto& first = held_.front();
        enqueue(std::move(first.what), first.rows);
        first.wake.fire_last();
        held_.pop_front();
    }
}

void store::wake_flushers() {
    for (auto& f : flushers_) {
        if (f.until <= committed_) {
            f.wake.fire_last();
        }
    }
    std::erase_if(flushers_, [this](const flusher& f) { return f.until <= committed_; });
}

void store::run() {
    auto next_clean_up = std::chrono::steady_clock::now() + limits_.clean_up_every;
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait_until(lock, next_clean_up, [this] {
            return closing_ || !queue_.empty() || clean_up_.is_running();
        });
        if (queue_.empty() && closing_) {
            break;
        }
        if (std::chrono::steady_clock::now() >= next_clean_up) {
            next_clean_up += limits_.clean_up_every;
            clean_up_.begin(util::unix_seconds(std::chrono::system_clock::now()));
        }
        if (!queue_.empty()) {
            changed_.wait_for(lock, limits_.gather, [this] {
                return closing_ || !flushers_.empty() || queued_rows_ >= limits_.batch_rows;
            });
            write_next(lock);
        }
        if (clean_up_.is_running()) {
            clean(lock);
        }
    }
    lock.unlock();
    writer_.reset(); // copies the log into the file, which takes a while
    lock.lock();
    if (closed_) {
        closed_->fire_last();
    }
}

void store::write_next(std::unique_lock<std::mutex>& lock) {
    std::vector<job> batch;
    std::size_t rows = 0;
    while (!queue_.empty() && rows < limits_.batch_rows) {
        rows += weight(queue_.front());
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    queued_rows_ -= rows;
    admit_held();
    lock.unlock();
    const auto done = writer_->apply(batch);
    const auto jobs = batch.size();
    batch.clear(); // freeing thousands of rows takes a while
    if (tell_skipped_ && done && done->skipped > 0) {
        tell_skipped_(done->skipped, done->skipped_example);
    }
    lock.lock();
    if (done) {
        figures_.rows += done->rows;
        figures_.refused += done->refused;
        figures_.skipped += done->skipped;
        if (!done->error.empty()) {
            figures_.error = done->error;
        }
    } else {
        figures_.refused += rows;
        figures_.error = done.error().message;
    }
    ++figures_.transactions;
    committed_ += jobs;
    wake_flushers();
}

void store::clean(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    const auto deleted = clean_up_.step(writer_->db());
    lock.lock();
    if (deleted) {
        figures_.expired += *deleted;
    } else {
        figures_.error = deleted.error().message;
    }
}

} // namespace vsim::server
