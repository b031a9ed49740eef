#include "agent/sync.hpp"

#include "agg/message.hpp"
#include "util/random.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <utility>

namespace vsim::agent {

namespace {

using util::errc;
using util::make_error;

// A piece is one message of about 250 KB with five targets: large enough to send at full speed, and
// small enough that many agents can do it at once.
constexpr std::size_t buckets_a_message = 250;
// Generous, because a server that stores what it gets may read slowly; a dead one is noticed all
// the same.
constexpr std::chrono::seconds piece_deadline{60};

void shuffle(agg::piece& p, std::uint64_t key) {
    for (auto& list : p.buckets) {
        for (std::size_t i = list.size(); i > 1; --i) { // Fisher and Yates
            key = util::mix(key + i);
            std::swap(list[i - 1], list[util::below(key, i)]);
        }
    }
}

} // namespace

net::task_result<sync_point> send_range(
    net::websocket& link,
    subject who,
    const past& lived,
    sync_range range,
    stats::recorder& counts,
    sync_counters as,
    bad_habits habits,
    const net::ticker* stop
) {
    walk over{who, lived, *range.from, range.to, range.first};
    agg::piece piece;
    std::string text;
    for (std::uint64_t n = 0; over.next(piece, buckets_a_message); ++n) {
        if (piece.empty()) {
            continue;
        }
        if (stop != nullptr && stop->is_stopped()) {
            co_return make_error(errc::cancelled, "stopped");
        }
        if (habits.shuffles) {
            shuffle(piece, util::mix(habits.key ^ n));
        }
        text.clear();
        agg::append_message(text, piece, over.targets().names());
        for (int left = habits.repeats ? 2 : 1; left > 0; --left) {
            const auto deadline = std::chrono::steady_clock::now() + piece_deadline;
            const auto sent = co_await link.send_text(text, true, deadline);
            if (!sent) {
                co_return sent.error();
            }
            counts.add(as.messages);
            counts.add(as.bytes, text.size());
            counts.add(as.buckets, piece.size());
        }
    }
    const sync_point end{over.end_window(), range.to};
    co_return end;
}

sync_point
advanced(const subject& who, const past& lived, const sync_point& from, util::wall_time to) {
    model::first_buckets nothing;
    nothing.fill(std::numeric_limits<std::int64_t>::max());
    walk over{who, lived, from, to, nothing};
    agg::piece unused;
    while (over.next(unused, buckets_a_message)) {
    }
    return {over.end_window(), to};
}

std::uint64_t expected_buckets(util::nanoseconds length) {
    std::uint64_t total = 0;
    for (const auto& g : proto::granularities) {
        const auto kept = std::min<util::nanoseconds>(length, g.retention);
        total += static_cast<std::uint64_t>(kept / g.width) + 1;
    }
    return total;
}

} // namespace vsim::agent
