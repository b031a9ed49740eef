#pragma once
// A fleet whose samples tell by their speeds which they are: rx counts them from `zero`, tx is the
// agent's. What it has sent is what a test says.

#include "proto/encode.hpp"
#include "viewer/watched_fleet.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vsim::test {

class planted_fleet final : public viewer::watched_fleet {
public:
    static constexpr util::milliseconds interval{1000};

    explicit planted_fleet(
        std::size_t agents, util::wall_time zero = util::from_unix_seconds(1'795'500'000)
    )
        : zero_{zero}, reported_(agents) {}

    util::wall_time at(std::int64_t n) const { return zero_ + n * interval; }
    // Samples `from` to `to` have been sent, one after the other.
    void send(std::size_t agent, std::int64_t from, std::int64_t to, std::int64_t back = 0) {
        reported_[agent] = viewer::reports{at(to), at(from), at(back), interval};
    }

    std::size_t size() const override { return reported_.size(); }
    std::optional<std::size_t> find(std::string_view id) const override {
        for (std::size_t n = 0; n < size(); ++n) {
            if (id == this->id(n)) {
                return n;
            }
        }
        return std::nullopt;
    }
    std::string id(std::size_t agent) const override { return "id-" + std::to_string(agent); }
    std::string name(std::size_t agent) const override { return "agent-" + std::to_string(agent); }
    std::optional<viewer::reports> reported(std::size_t agent) const override {
        return reported_[agent];
    }
    std::optional<util::wall_time>
    identify(std::size_t agent, const viewer::speeds& s, util::wall_time now) const override {
        const auto t = at(static_cast<std::int64_t>(s.rx));
        return s.tx == agent && t <= now ? std::optional{t} : std::nullopt;
    }

private:
    util::wall_time zero_;
    std::vector<std::optional<viewer::reports>> reported_;
};

// What a server says of sample `n`.
inline proto::delta_entry entry_of(std::size_t agent, std::int64_t n) {
    proto::delta_entry e;
    e.id = "id-" + std::to_string(agent);
    e.m.emplace();
    e.m->rx = static_cast<std::uint64_t>(n);
    e.m->tx = agent;
    return e;
}
inline std::string delta_of(std::vector<proto::delta_entry> entries) {
    proto::delta d;
    d.d = std::move(entries);
    return proto::to_json(d);
}
inline proto::delta_entry flip_of(std::size_t agent, bool on) {
    proto::delta_entry e;
    e.id = "id-" + std::to_string(agent);
    e.on = on;
    return e;
}
inline std::string server_of(std::size_t agent, std::int64_t n, bool online = true) {
    proto::stream_server s;
    s.server.server_id = "id-" + std::to_string(agent);
    s.server.online = online;
    s.server.metrics.emplace();
    s.server.metrics->network.rx_speed = static_cast<std::uint64_t>(n);
    s.server.metrics->network.tx_speed = agent;
    return proto::to_json(s);
}

} // namespace vsim::test
