#include "server/history_cache.hpp"

#include <algorithm>
#include <iterator>

namespace vsim::server {

namespace {

constexpr util::seconds swept_every{60};
constexpr std::int64_t hour = 3600;
constexpr auto most_points = static_cast<std::ptrdiff_t>(cached_points);

bool is_cached(const history_query& q) {
    return q.type == "all" && (q.range == "1h" || q.range == "24h" || q.range.empty());
}

// The first instant that is still in the range, cut to its buckets.
std::int64_t range_start(const history_query& q, std::int64_t now_unix) {
    const auto width = q.range == "1h" ? 5 : 120;
    return (now_unix - (q.range == "1h" ? hour : 24 * hour)) / width * width;
}

template <class Point>
void drop_before(std::vector<Point>& points, std::int64_t from) {
    // Texts of the same form sort as the times do.
    const auto first = util::format_rfc3339(util::from_unix_seconds(from));
    std::erase_if(points, [&](const Point& p) { return p.timestamp < first; });
}

template <class Point>
void add(std::vector<Point>& to, const std::vector<Point>& more) {
    std::ranges::copy(more, std::back_inserter(to));
    if (std::ssize(to) > most_points) {
        to.erase(to.begin(), to.end() - most_points); // what was appended first
    }
}

} // namespace

std::optional<proto::history_reply>
history_cache::find(const history_query& q, util::steady_time now) const {
    if (!is_cached(q) || q.since > 0) {
        return {};
    }
    const auto found = entries_.find({q.server_id, q.range});
    if (found == entries_.end() || now - found->second.filled > cached_for) {
        return {};
    }
    return found->second.reply;
}

void history_cache::note(
    const history_query& q,
    const proto::history_reply& fresh,
    util::steady_time now,
    std::int64_t now_unix
) {
    if (!is_cached(q)) {
        return;
    }
    sweep(now);
    const auto [at, is_new] = entries_.try_emplace({q.server_id, q.range});
    auto& e = at->second;
    if (is_new || q.since <= 0) {
        e.reply = fresh;
        e.reply.incremental = false;
    } else {
        append(e.reply, fresh, range_start(q, now_unix)); // however old it is
    }
    e.filled = now;
}

void history_cache::append(
    proto::history_reply& to, const proto::history_reply& fresh, std::int64_t from
) {
    auto points = std::move(to.data).value_or(std::vector<proto::history_point>{});
    drop_before(points, from);
    add(points, fresh.data.value_or(std::vector<proto::history_point>{}));
    to.data.reset();
    if (!points.empty()) {
        to.data = std::move(points);
    }
    for (auto& target : to.ping_targets) {
        drop_before(target.data, from);
    }
    std::erase_if(to.ping_targets, [](const auto& target) { return target.data.empty(); });
    for (const auto& target : fresh.ping_targets) {
        const auto known =
            std::ranges::find(to.ping_targets, target.name, &proto::history_target::name);
        if (known == to.ping_targets.end()) {
            to.ping_targets.push_back(target);
        } else {
            add(known->data, target.data);
        }
    }
    to.last_bucket = fresh.last_bucket;
}

void history_cache::sweep(util::steady_time now) {
    if (now - swept_ < swept_every) {
        return;
    }
    swept_ = now;
    std::erase_if(entries_, [now](const auto& one) {
        return now - one.second.filled > 2 * cached_for;
    });
}

} // namespace vsim::server
