#include "agent/sync.hpp"

#include "agg/message.hpp"
#include "model/history.hpp"

#include <algorithm>
#include <chrono>
#include <string>

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

} // namespace

net::task_result<sync_point> send_range(
    net::websocket& link,
    model::machine m,
    model::schedule s,
    const sync_point& from,
    util::wall_time to,
    stats::recorder& counts,
    sync_counters as,
    const net::ticker* stop
) {
    model::history walk{m, s, from.open, from.at, to};
    agg::piece piece;
    std::string text;
    while (walk.next(piece, buckets_a_message)) {
        if (piece.empty()) {
            continue;
        }
        if (stop != nullptr && stop->is_stopped()) {
            co_return make_error(errc::cancelled, "stopped");
        }
        text.clear();
        agg::append_message(text, piece, m.targets());
        const auto deadline = std::chrono::steady_clock::now() + piece_deadline;
        const auto sent = co_await link.send_text(text, true, deadline);
        if (!sent) {
            co_return sent.error();
        }
        counts.add(as.messages);
        counts.add(as.bytes, text.size());
        counts.add(as.buckets, piece.size());
    }
    const sync_point end{walk.end_window(), to};
    co_return end;
}

sync_point advanced(
    const sync_point& from, util::wall_time to, const model::machine& m, const model::schedule& s
) {
    model::history walk{m, s, from.open, from.at, to};
    agg::piece unused;
    while (walk.next(unused, buckets_a_message)) {
    }
    return {walk.end_window(), to};
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
