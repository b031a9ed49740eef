#pragma once
// What a machine pings: up to agg::max_targets targets, each in a slot that it keeps, so that the
// rows of buckets that are open stay true when the server names other targets. Immutable, and
// shared by thousands of agents. Thread-safe.

#include "agg/fold.hpp"
#include "model/location.hpp"
#include "proto/padded_text.hpp"
#include "proto/server_msg.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace vsim::model {

enum class probe_type : std::uint8_t { icmp, tcp };
std::string_view name_of(probe_type t);

class target_set : public std::enable_shared_from_this<target_set> {
    struct made_here {}; // by the functions below only

public:
    // Names and hosts apart: this is all that a sample needs.
    struct slot {
        std::uint64_t key; // of the name: what pings draw from, so that the slot does not matter
        host_key host;
        std::int64_t port; // as it was given; 0: none
        probe_type type;
        bool is_active; // else no longer wanted
        bool operator==(const slot&) const = default;
    };

    // The first `n` of a list, always the same object. Precondition: n <= agg::max_targets.
    static const std::shared_ptr<const target_set>& built_in(std::size_t n);

    // The set after the server named these. Who is in both, by name, keeps the slot; who is no
    // longer wanted rests in it; new ones take free slots, and a resting one's is not free. Empty
    // hosts, and hosts and names that came before, are skipped (protocol.md 5.6, 3.4). The same
    // object when nothing changes; agents that follow the same set to the same targets share the
    // new one.
    std::shared_ptr<const target_set> followed_by(std::span<const proto::probe_target> wanted
    ) const;

    std::size_t size() const { return slots_.size(); }
    std::span<const slot> slots() const { return slots_; }
    std::uint32_t active() const { return active_; } // a bit for each slot
    std::span<const agg::target_name> names() const { return names_; }
    // The usual round trip to each slot, ms.
    using distances = std::array<double, agg::max_targets>;
    const distances& distances_ms(const location& from) const { return distances_[place_of(from)]; }
    // Targets that were wanted and found no slot.
    std::size_t left_out() const { return left_out_; }

    // What the results of a target begin with in a `metrics` message.
    const proto::padded_text& head(std::size_t n) const { return heads_[n]; }
    std::size_t heads_size() const { return heads_size_; } // of all, padded

    target_set(made_here, std::size_t left_out) : left_out_{left_out} {}
    target_set(const target_set&) = delete;
    target_set& operator=(const target_set&) = delete;

private:
    using beginnings = std::array<std::shared_ptr<const target_set>, agg::max_targets + 1>;
    // A call: whoever makes a machine asks for a built-in set, and it is made once.
    [[gnu::noinline]] static beginnings all_beginnings();
    static std::shared_ptr<const target_set> first(std::size_t n);
    bool is_same(const target_set& other) const;
    // Sets or, behind the last slot, adds.
    void put(std::size_t at, const proto::probe_target& t);
    void finish();

    std::vector<slot> slots_;
    std::array<distances, location_count> distances_{};
    std::vector<agg::target_name> names_;
    std::vector<proto::padded_text> heads_;
    std::size_t heads_size_ = 0;
    std::size_t left_out_;
    std::uint32_t active_ = 0;

    mutable std::mutex mutex_;
    mutable std::weak_ptr<const target_set> next_; // what followed last
};

} // namespace vsim::model
