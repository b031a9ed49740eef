#pragma once
// The io_context thread pool: `threads` threads over `contexts` io_contexts (1 = all share one,
// equal to threads = one each). No code above net knows which it runs on. Thread-safe.

#include "net/task.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace vsim::net {

// What a thread has had, and what it has lacked, since it began.
struct thread_time {
    util::nanoseconds cpu{0};
    std::optional<util::nanoseconds> waited{}; // ready to run, but others had the cores; absent:
                                               // the kernel does not tell
};

class pool {
public:
    // Strands of one context. A strand each would cost an agent 200 bytes, and whoever wakes many
    // a queue operation each; far more of them than threads keep all threads busy.
    static constexpr std::size_t lanes = 64;

    // Precondition: 1 <= contexts <= threads.
    pool(unsigned threads, unsigned contexts);
    // Joins: every task must have ended or be about to.
    ~pool();
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    unsigned threads() const;
    unsigned contexts() const;

    // The serial executor of `key`, on the context of `key` (key modulo contexts): one of `lanes`
    // strands where a context is run by several threads, the plain executor where one thread runs
    // it. Keys that share one never run at the same time; of strands consecutive keys
    // have different ones.
    asio::any_io_executor serial_executor(std::size_t key) const;

    // The plain executor of a context, on which handlers may run at the same time.
    asio::any_io_executor executor(unsigned context) const;

    // Which context `key` belongs to: 0 .. contexts - 1.
    unsigned context_of(std::size_t key) const;

    // Lets as many threads of each context work as its load of late needs, at least one. With
    // several waiting for work, Asio wakes a second one for nearly every handler, and on a core at
    // rest that costs more than most handlers. To be called about ten times a second by one thread,
    // not one of the pool's; without it all threads work.
    void balance();
    unsigned active() const; // threads; as balance() left it

    // Of each thread, those that stand aside included. Not after join().
    std::vector<thread_time> thread_times() const;

    // Lets the threads end when work runs out, and waits for them. Not from a pool thread.
    void join();
    // Gives up on what is left: pending work is dropped where it stands. Only after a second
    // signal, and the process should leave with std::_Exit: groups and tickers still have tasks.
    void abandon();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace vsim::net
