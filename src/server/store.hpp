#pragma once
// The database behind a bounded queue: one thread gathers jobs for a moment and writes them in one
// transaction. Nothing is dropped: who pushes into a full queue waits for room, and a database that
// somebody else holds is waited for. Only one that fails loses what it was given, and that is said.
// Thread-safe.

#include "net/task.hpp"
#include "server/clean_up.hpp"
#include "server/wakeup.hpp"
#include "server/writer.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
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

// Who wants to know what happens on the writing thread; each is called there.
struct store_hooks {
    // Of items that a transaction left out, and of one of them in words.
    std::function<void(std::uint64_t items, const std::string& example)> on_skipped;
    // Of a transaction that failed: nothing of its jobs was stored.
    std::function<void(database&, std::span<const job>)> on_lost;
    // In words, once for each trouble, and of its end.
    std::function<void(const std::string&)> on_trouble;
};

class store {
public:
    store(writer w, store_limits limits, store_hooks hooks = {});
    ~store(); // writes what was pushed
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    // Returns when the job has a place in the queue. Once called, the job will be written, also if
    // the caller is cancelled meanwhile. Not after close().
    net::task<> push(job j);

    // Pushes them and returns when they are committed. Error: io (they may have been lost).
    net::task_result<> commit(std::vector<job> jobs);

    // Returns when everything pushed before is committed. Error: io (some of it was lost).
    net::task_result<> flush();
    // From now on what finds the database held by somebody else is lost after a moment, so that
    // nobody waits for long.
    void hurry();
    // Writes what was pushed and closes the database.
    net::task<> close();

    store_figures figures() const;

private:
    struct held_job {
        job what;
        std::size_t rows;
        std::optional<wakeup> wake;
    };
    struct flusher {
        std::uint64_t first, last; // of the jobs it waits for, by number
        std::shared_ptr<std::string> error;
        wakeup wake;
    };

    // Under the lock: true = it has a place in the queue already.
    bool add(job&& j, const wakeup* admitted);
    void run();
    util::result<written> write(std::span<const job> batch);
    void say(const std::string& trouble);
    void write_next(std::unique_lock<std::mutex>& lock);
    void enqueue(job&& j, std::size_t rows);
    void admit_held();
    void wake_flushers();
    void clean(std::unique_lock<std::mutex>& lock);
    bool has_room(std::size_t rows) const;

    const store_limits limits_;
    const store_hooks hooks_;
    std::optional<writer> writer_; // of thread_, once that runs
    clean_up clean_up_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job> queue_;
    std::size_t queued_rows_ = 0;
    std::deque<held_job> held_; // in the order of their coming, before anything newer
    std::vector<flusher> flushers_;
    std::uint64_t pushed_ = 0, done_ = 0; // jobs, done = committed or lost
    bool closing_ = false, hurried_ = false;
    std::optional<wakeup> closed_; // fired when the database is closed
    store_figures figures_;
    std::string trouble_; // said last, of thread_

    std::thread thread_;
};

} // namespace vsim::server
