#include "server/outbox.hpp"

#include <boost/asio/post.hpp>

#include <cstdint>
#include <utility>

namespace vsim::server {

outbox::outbox(std::shared_ptr<net::peer> to, net::group& writers, std::size_t capacity, bool held)
    : peer_{std::move(to)}, writers_{writers}, capacity_{capacity}, writing_{held},
      room_{peer_->executor()}, written_{peer_->executor()} {}

bool outbox::post(text_ptr text) {
    return put(std::move(text), capacity_);
}

bool outbox::put(text_ptr text, std::size_t capacity) {
    {
        const std::lock_guard lock{mutex_};
        if (failed_ || queue_.size() >= capacity) {
            return false;
        }
        queue_.push_back(std::move(text));
        if (writing_) {
            return true;
        }
        writing_ = true;
    }
    writers_.spawn(peer_->executor(), drain(shared_from_this()));
    return true;
}

net::task<> outbox::send(text_ptr text) {
    co_await wait_for_room();
    post_anyway(std::move(text));
}

void outbox::post_anyway(text_ptr text) {
    put(std::move(text), SIZE_MAX);
}

net::task<> outbox::wait_for_room() {
    for (;;) {
        {
            const std::lock_guard lock{mutex_};
            if (failed_) {
                co_return;
            }
            sender_waits_ = queue_.size() >= capacity_;
            if (!sender_waits_) {
                co_return;
            }
        }
        co_await room_.wait();
    }
}

net::task<> outbox::release() {
    co_await drain(shared_from_this());
}

net::task<> outbox::drain(std::shared_ptr<outbox> self) {
    for (;;) {
        text_ptr next;
        {
            const std::lock_guard lock{self->mutex_};
            if (std::exchange(self->sender_waits_, false)) {
                self->room_.fire();
            }
            if (self->queue_.empty() || self->failed_) {
                self->writing_ = false;
                if (self->end_waits_) {
                    self->written_.fire();
                }
                co_return;
            }
            next = std::move(self->queue_.front());
            self->queue_.pop_front();
        }
        const auto sent = co_await self->peer_->send_text(*next);
        if (!sent) {
            const std::lock_guard lock{self->mutex_};
            self->failed_ = true;
            self->queue_.clear();
        }
    }
}

net::task<> outbox::end() {
    bool is_writing = false;
    {
        const std::lock_guard lock{mutex_};
        failed_ = true;
        queue_.clear();
        is_writing = end_waits_ = writing_;
    }
    peer_->abort();
    if (is_writing) {
        co_await written_.wait();
    }
}

bool outbox::drop() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(failed_, true)) {
            return false;
        }
        queue_.clear();
    }
    boost::asio::post(peer_->executor(), [peer = peer_] { peer->abort(); });
    return true;
}

} // namespace vsim::server
