#pragma once
// The comparison of a whole fleet, or an even spread of it, by a few workers; what differs is asked
// for again, because it may only be late. Reentrant.

#include "net/task.hpp"
#include "util/clock.hpp"
#include "verify/compare.hpp"
#include "verify/ledger.hpp"
#include "verify/source.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace vsim::verify {

// A server stores what it took a second later (protocol.md 4); as long again for a busy one.
inline constexpr std::chrono::milliseconds settling{3000};
// What differs is read again as long as there is less of it each time: a minute, in which a slow
// disk catches up, or the server has begun to lose (protocol.md 9.3).
inline constexpr int most_readings = 21;

// One difference in full.
struct example {
    difference what; // its target is `target`
    std::string target;
    std::size_t agent = 0; // of ledger::agents
    std::string cause;     // the likely one, as a sentence
};

struct outcome {
    std::uint64_t agents = 0; // compared
    agent_counts all;
    std::uint64_t late = 0; // rows that were right only when asked for again
    std::uint64_t unreadable = 0, with_loss = 0, unjudged = 0; // agents
    std::string error;             // of the first that could not be read
    std::vector<example> examples; // the first of each granularity and kind, ten at most
    bool is_clean() const { return all.is_clean() && unreadable == 0; }
};

// Somebody who reads; `where` is his own serial executor, on which `from` may block.
struct worker {
    net::asio::any_io_executor where;
    std::unique_ptr<source> from;
};

struct check_options {
    std::size_t how_many = 0; // agents; 0: all
    // Waits between two readings; null: there is no second, what was sent has been stored.
    std::function<net::task<>()> rest;
    std::atomic<std::uint64_t>* done = nullptr; // agents, for a progress bar; may be null
};

// Indices of `how_many` of `all`, evenly spread, the same ones each time.
std::vector<std::size_t> spread(std::size_t how_many, std::size_t all);

// `l` outlives it; `workers` is not empty.
net::task<outcome> check(const ledger& l, std::vector<worker> workers, check_options options);

} // namespace vsim::verify
