#include "server/store.hpp"

#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <chrono>
#include <utility>

namespace vsim::server {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds lock_rest{100}; // on top of what SQLite waits itself

util::result<void> outcome(const std::string& error) {
    if (error.empty()) {
        return {};
    }
    return util::make_error(util::errc::io, error);
}

} // namespace

store::store(writer w, store_limits limits, store_hooks hooks)
    : limits_{limits}, hooks_{std::move(hooks)}, writer_{std::move(w)}, thread_{[this] { run(); }} {
}

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
    wakeup admitted{where};
    {
        const std::lock_guard lock{mutex_};
        if (add(std::move(j), &admitted)) {
            co_return;
        }
    }
    co_await admitted.wait();
}

bool store::add(job&& j, const wakeup* admitted) {
    assert(!closing_);
    const auto rows = weight(j);
    ++pushed_;
    if (held_.empty() && has_room(rows)) {
        enqueue(std::move(j), rows);
        return true;
    }
    ++figures_.held;
    held_.push_back({std::move(j), rows, admitted ? std::optional{*admitted} : std::nullopt});
    return false;
}

net::task_result<> store::commit(std::vector<job> jobs) {
    const auto where = co_await asio::this_coro::executor;
    const auto error = std::make_shared<std::string>();
    wakeup done{where};
    {
        const std::lock_guard lock{mutex_};
        const auto first = pushed_ + 1;
        for (auto& j : jobs) {
            add(std::move(j), nullptr);
        }
        if (pushed_ < first) {
            co_return util::result<void>{};
        }
        flushers_.push_back({first, pushed_, error, done});
    }
    changed_.notify_one();
    co_await done.wait();
    co_return outcome(*error);
}

net::task_result<> store::flush() {
    const auto where = co_await asio::this_coro::executor;
    const auto error = std::make_shared<std::string>();
    wakeup done{where};
    {
        const std::lock_guard lock{mutex_};
        if (done_ == pushed_) {
            co_return util::result<void>{};
        }
        flushers_.push_back({done_ + 1, pushed_, error, done});
    }
    changed_.notify_one();
    co_await done.wait();
    co_return outcome(*error);
}

void store::hurry() {
    {
        const std::lock_guard lock{mutex_};
        hurried_ = true;
    }
    changed_.notify_one();
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
        if (first.wake) {
            first.wake->fire_last();
        }
        held_.pop_front();
    }
}

void store::wake_flushers() {
    for (auto& f : flushers_) {
        if (f.last <= done_) {
            f.wake.fire_last();
        }
    }
    std::erase_if(flushers_, [this](const flusher& f) { return f.last <= done_; });
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
    const auto done = write(batch);
    const auto jobs = batch.size();
    if (done) {
        say("");
    } else {
        if (hooks_.on_lost) {
            hooks_.on_lost(writer_->db(), batch);
        }
        say("what was to be stored is lost: " + done.error().message);
    }
    batch.clear(); // freeing thousands of rows takes a while
    if (hooks_.on_skipped && done && done->skipped > 0) {
        hooks_.on_skipped(done->skipped, done->skipped_example);
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
        for (auto& f : flushers_) {
            if (f.first <= done_ + jobs) { // and none is over yet
                *f.error = figures_.error;
            }
        }
    }
    ++figures_.transactions;
    done_ += jobs;
    wake_flushers();
}

util::result<written> store::write(std::span<const job> batch) {
    for (;;) {
        auto done = writer_->apply(batch);
        if (done || done.error().code != util::errc::timeout) {
            return done;
        }
        std::unique_lock lock{mutex_};
        if (closing_ || hurried_) {
            return done;
        }
        lock.unlock();
        say("waiting for somebody else who holds it: " + done.error().message);
        lock.lock();
        changed_.wait_for(lock, lock_rest, [this] { return closing_ || hurried_; });
    }
}

void store::say(const std::string& trouble) {
    if (trouble == trouble_) {
        return;
    }
    trouble_ = trouble;
    if (hooks_.on_trouble) {
        hooks_.on_trouble(trouble.empty() ? "it can be written again" : trouble);
    }
}

void store::clean(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    const auto deleted = clean_up_.step(writer_->db());
    lock.lock();
    if (deleted) {
        figures_.expired += *deleted;
    } else {
        figures_.error = deleted.error().message;
        lock.unlock();
        say("the clean-up failed: " + deleted.error().message);
        lock.lock();
    }
}

} // namespace vsim::server
