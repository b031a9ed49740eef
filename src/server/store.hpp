#pragma once
// The database behind a bounded queue: one thread gathers jobs for a moment and writes them in one
// transaction. Nothing is dropped: who pushes into a full queue waits for room. Thread-safe.

#include "net/task.hpp"
#include "server/clean_up.hpp"
#include "server/wakeup.hpp"
#include "server/writer.hpp"
#include "util/clock.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace vsim::server {

struct store_limits {
    std::size_t queue_rows = 300'000; // a larger job is taken when the queue is empty
    std::size_t batch_rows = 50'000;  // of one transaction, about
    util::milliseconds gather{200};   // how long the first job of a transaction waits for others
    util::seconds clean_up_every{3600};
};

struct store_figures {
    std::uint64_t rows = 0, refused = 0, skipped = 0, expired = 0; // as in status
    std::uint64_t transactions = 0, held = 0, queued = 0;
    std::string error;
};

class store {
public:
    // Told on the writing thread of items that a transaction left out, and of one of them in words.
    using on_skipped = std::function<void(std::uint64_t items, const std::string& example)>;

    store(writer w, store_limits limits, on_skipped tell = {});
    ~store(); // writes what was pushed
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    // Returns when the job has a place in the queue. Once called, the job will be written, also if
    // the caller is cancelled meanwhile. Not after close().
    net::task<> push(job j);

    // Returns when everything pushed before is committed.
    net::task<> flush();
    // Writes what was pushed and closes the database.
    net::task<> close();

    store_figures figures() const;

private:
    struct held_job {
        job what;
        std::size_t rows;
        wakeup wake;
    };
    struct flusher {
        std::uint64_t until; // number of jobs committed
        wakeup wake;
    };

    void run();
    void write_next(std::unique_lock<std::mutex>& lock);
    void enqueue(job&& j, std::size_t rows);
    void admit_held();
    void wake_flushers();
    void clean(std::unique_lock<std::mutex>& lock);
    bool has_room(std::size_t rows) const;

    const store_limits limits_;
    const on_skipped tell_skipped_;
    std::optional<writer> writer_; // of thread_, once that runs
    clean_up clean_up_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job> queue_;
    std::size_t queued_rows_ = 0;
    std::deque<held_job> held_; // in the order of their coming, before anything newer
    std::vector<flusher> flushers_;
    std::uint64_t pushed_ = 0, committed_ = 0; // jobs
    bool closing_ = false;
    std::optional<wakeup> closed_; // fired when the database is closed
    store_figures figures_;

    std::thread thread_;
};

} // namespace vsim::server
