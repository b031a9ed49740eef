#include "net/wheel.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace vsim::net {

void wheel_list::push_back(wheel_entry& e) {
    e.previous = head_.previous;
    e.next = &head_;
    head_.previous->next = &e;
    head_.previous = &e;
}

wheel_entry* wheel_list::pop_front() {
    auto* e = first();
    if (e != nullptr) {
        unlink(*e);
    }
    return e;
}

void wheel_list::unlink(wheel_entry& e) {
    e.previous->next = e.next;
    e.next->previous = e.previous;
    e.previous = e.next = nullptr;
}

void wheel::add(wheel_entry& e, std::uint64_t due) {
    e.due_tick = std::max(due, served_ + 1);
    e.is_waiting = true;
    const auto slot = e.due_tick % slot_count;
    slots_[slot].push_back(e);
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    ++size_;
}

void wheel::remove(wheel_entry& e) {
    assert(e.is_waiting);
    wheel_list::unlink(e);
    e.is_waiting = false;
    const auto slot = e.due_tick % slot_count;
    if (slots_[slot].empty()) {
        occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    }
    --size_;
}

void wheel::serve(std::size_t slot, std::uint64_t now, wheel_list& due) {
    for (auto* e = slots_[slot].first(); e != nullptr;) {
        auto* following = slots_[slot].after(*e);
        if (e->due_tick <= now) {
            remove(*e);
            due.push_back(*e);
        }
        e = following;
    }
}

void wheel::advance(std::uint64_t now, wheel_list& due) {
    if (now <= served_) {
        return;
    }
    // After a long pause one turn visits every slot.
    const auto turns = std::min<std::uint64_t>(now - served_, slot_count);
    for (std::uint64_t i = 1; i <= turns && size_ > 0; ++i) {
        serve((served_ + i) % slot_count, now, due);
    }
    served_ = now;
}

void wheel::take_all(wheel_list& all) {
    for (std::size_t i = 1; i <= slot_count && size_ > 0; ++i) {
        serve((served_ + i) % slot_count, ~std::uint64_t{0}, all);
    }
}

std::optional<std::uint64_t> wheel::next_tick() const {
    if (size_ == 0) {
        return std::nullopt;
    }
    const auto start = (served_ + 1) % slot_count;
    // The first word is looked at twice: its bits from `start` on, and at last those before it.
    for (std::size_t i = 0; i <= occupied_.size(); ++i) {
        const auto word = (start / 64 + i) % occupied_.size();
        auto bits = occupied_[word];
        if (i == 0) {
            bits &= ~std::uint64_t{0} << (start % 64);
        }
        if (bits != 0) {
            const auto slot = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
            return served_ + 1 + (slot + slot_count - start) % slot_count;
        }
    }
    return std::nullopt;
}

} // namespace vsim::net
