#pragma once
// A hashed timing wheel: intrusive entries with a due tick, in a ring of slots. Adding, removing
// and serving one are O(1); entries beyond one turn stay in their slot until their turn comes.
// Knows no clock: the caller gives the tick. Thread-bound.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace vsim::net {

struct wheel_entry {
    wheel_entry* previous = nullptr;
    wheel_entry* next = nullptr;
    std::uint64_t due_tick = 0;
    bool is_waiting = false; // in the wheel, as opposed to a list of those served
};

// First in, first out; the list does not own its entries.
class wheel_list {
public:
    wheel_list() { head_.previous = head_.next = &head_; }
    wheel_list(const wheel_list&) = delete;
    wheel_list& operator=(const wheel_list&) = delete;

    bool empty() const { return head_.next == &head_; }
    void push_back(wheel_entry& e);
    wheel_entry* pop_front(); // nullptr when empty
    static void unlink(wheel_entry& e);

    wheel_entry* first() { return empty() ? nullptr : head_.next; }
    wheel_entry* after(const wheel_entry& e) { return e.next == &head_ ? nullptr : e.next; }

private:
    wheel_entry head_;
};

class wheel {
public:
    static constexpr std::size_t slot_count = 1024; // 5.1 s at 5 ms

    // Due at tick `due`, but never before the next tick that has not been served.
    void add(wheel_entry& e, std::uint64_t due);
    void remove(wheel_entry& e);

    // Moves all that is due at `now` or before to `due`, in order of tick, then of arrival.
    void advance(std::uint64_t now, wheel_list& due);
    void take_all(wheel_list& all);

    // The next tick at which somebody may be due: never late, early only for entries a turn away.
    std::optional<std::uint64_t> next_tick() const;
    std::size_t size() const { return size_; }

private:
    void serve(std::size_t slot, std::uint64_t now, wheel_list& due);

    std::array<wheel_list, slot_count> slots_;
    std::array<std::uint64_t, slot_count / 64> occupied_{}; // a bit a slot
    std::uint64_t served_ = 0; // every tick up to this one has been served
    std::size_t size_ = 0;
};

} // namespace vsim::net
