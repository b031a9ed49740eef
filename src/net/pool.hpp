#pragma once
// The io_context thread pool: `threads` threads over `contexts` io_contexts (1 = all share one,
// equal to threads = one each). No code above net knows which it runs on. Thread-safe.

#include "net/task.hpp"

#include <cstddef>
#include <memory>

namespace vsim::net {

class pool {
public:
    // Precondition: 1 <= contexts <= threads.
    pool(unsigned threads, unsigned contexts);
    // Joins: every task must have ended or be about to.
    ~pool();
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    unsigned threads() const;
    unsigned contexts() const;

    // A fresh serial executor on the context of `key` (key modulo contexts): a strand where a
    // context is run by several threads, the plain executor where one thread runs it.
    asio::any_io_executor serial_executor(std::size_t key);

    // Which context `key` belongs to: 0 .. contexts - 1.
    unsigned context_of(std::size_t key) const;

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
