#pragma once
// What a connection has still to be told: a bounded queue in front of the one writer a peer allows.
// Texts are shared, so telling 10,000 connections the same costs one text. Thread-safe unless said.

#include "net/group.hpp"
#include "net/listener.hpp"
#include "server/wakeup.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace vsim::server {

using text_ptr = std::shared_ptr<const std::string>;

class outbox : public std::enable_shared_from_this<outbox> {
public:
    // `writers` outlives the outbox and runs its writing. Begins held when `held` is set: nothing
    // is written before release(), the owner writes to the peer itself.
    outbox(std::shared_ptr<net::peer> to, net::group& writers, std::size_t capacity, bool held);

    // false: the queue is full, or the connection has failed; nothing was queued.
    bool post(text_ptr text);
    // Ends the hold: writes what has gathered. On the peer's executor.
    net::task<> release();
    // Waits while the queue is full. One at a time, on the peer's executor.
    net::task<> send(text_ptr text);
    // The two steps of send(): the wait, and the queueing, which a post meanwhile does not prevent.
    net::task<> wait_for_room();
    void post_anyway(text_ptr text);
    // Ends the connection and waits until nothing is being written. On the peer's executor, last of
    // all: the peer is unusable afterwards.
    net::task<> end();
    // Ends the peer's connection; false: it had failed already. Thread-safe.
    bool drop();

private:
    bool put(text_ptr text, std::size_t capacity);
    net::task<> drain(std::shared_ptr<outbox> self);

    const std::shared_ptr<net::peer> peer_;
    net::group& writers_;
    const std::size_t capacity_;
    std::mutex mutex_;
    std::deque<text_ptr> queue_;
    bool writing_;
    bool failed_ = false;
    bool sender_waits_ = false, end_waits_ = false;
    wakeup room_, written_;
};

} // namespace vsim::server
