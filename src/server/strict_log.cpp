#include "server/strict_log.hpp"

#include "server/excerpt.hpp"

#include <fmt/format.h>

#include <type_traits>
#include <variant>

namespace vsim::server {

namespace {

std::size_t position(oddity o) {
    return static_cast<std::size_t>(o);
}

std::string name_of(const sender& who) {
    return who.server ? who.server->object().fields.name : "somebody at " + who.remote_ip;
}

} // namespace

strict_log::shard& strict_log::shard_of(const std::string& server_id) {
    return shards_[std::hash<std::string>{}(server_id) % shards_.size()];
}

void strict_log::introduce(const std::string& server_id, util::wall_time now) {
    auto& where = shard_of(server_id);
    const std::lock_guard lock{where.mutex};
    // One that has never sent anything is nobody's to remember: strangers may say any id.
    if (const auto known = where.servers.find(server_id); known != where.servers.end()) {
        begin_session(known->second, now);
    }
}

template <class Message>
void strict_log::look(
    const Message& m, const server_entry& server, util::wall_time now, sightings& out
) {
    auto& where = shard_of(*server.id);
    const std::lock_guard lock{where.mutex};
    inspect(m, where.servers[*server.id], now, out);
}

void strict_log::see(const proto::agent_message& m, const sender& who, util::wall_time now) {
    sightings out;
    const auto visit = [&](const auto& message) {
        using type = std::decay_t<decltype(message)>;
        if constexpr (std::is_same_v<type, proto::auth_request>) {
            if (message.server_id.empty() || message.token.empty()) {
                out.add(oddity::empty_auth, [&] {
                    return std::string{message.server_id.empty() ? "no server_id" : "no token"};
                });
            } else {
                introduce(message.server_id, now);
            }
        } else if constexpr (std::is_same_v<type, proto::unknown_message>) {
            out.add(oddity::unknown_type, [&] {
                return "type " + excerpt("\"" + message.type + "\"", "", 40);
            });
        } else if (!who.server) {
            out.add(oddity::before_auth, [] { return std::string{"data from a stranger"}; });
        } else {
            look(message, *who.server, now, out);
        }
    };
    std::visit(visit, m);
    if (!out.examples.empty()) {
        report(out, name_of(who));
    }
}

void strict_log::see_undecodable(const util::error& why, std::string_view text, const sender& who) {
    sightings out;
    const std::string_view path{why.message.data(), why.message.find(':')};
    out.add(oddity::undecodable, [&] {
        return fmt::format("{}; it says {}", why.message, excerpt(text, path));
    });
    report(out, name_of(who));
}

void strict_log::see_skipped(std::uint64_t items, const std::string& example) {
    count(oddity::batch_skipped, items);
    tell(oddity::batch_skipped, "the store", example);
}

void strict_log::report(const sightings& seen, const std::string& name) {
    for (std::size_t i = 0; i < oddity_count; ++i) {
        if (seen.counts[i] > 0) {
            count(static_cast<oddity>(i), seen.counts[i]);
        }
    }
    for (const auto& [what, detail] : seen.examples) {
        tell(what, name, detail);
    }
}

void strict_log::count(oddity o, std::uint64_t n) {
    counts_[position(o)].fetch_add(n, std::memory_order_relaxed);
}

void strict_log::tell(oddity o, const std::string& name, const std::string& detail) {
    auto& told = told_[position(o)];
    if (told.load(std::memory_order_relaxed) >= sightings::most_examples) {
        return; // without counting on: it would take a cache line from every thread
    }
    const auto before = told.fetch_add(1, std::memory_order_relaxed);
    if (before < sightings::most_examples) {
        say_(fmt::format(
            "{}: {}: {}{}",
            name,
            describe(o),
            detail,
            before + 1 == sightings::most_examples ? " (more of these are only counted)" : ""
        ));
    }
}

std::vector<strict_log::finding> strict_log::findings() const {
    std::vector<finding> found;
    for (std::size_t i = 0; i < oddity_count; ++i) {
        const auto n = counts_[i].load(std::memory_order_relaxed);
        if (n > 0) {
            found.push_back({describe(static_cast<oddity>(i)), n});
        }
    }
    return found;
}

} // namespace vsim::server
