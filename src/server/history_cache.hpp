#pragma once
// The 10 s cache that vStats has in front of GET /api/history, with its habits (protocol.md 1.5):
// of type=all in the short ranges only, and a `since` appends without looking what is there. Unlike
// there it has an end: of each series at most cached_points are kept, the oldest go first.
// Thread-bound.

#include "proto/rest.hpp"
#include "server/history.hpp"
#include "util/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace vsim::server {

inline constexpr util::seconds cached_for{10};
inline constexpr std::size_t cached_points = 20'000; // a full range has 720

class history_cache {
public:
    // What a full request gets instead of a fresh reply; empty: it needs one.
    std::optional<proto::history_reply> find(const history_query& q, util::steady_time now) const;
    // Takes note of a fresh reply.
    void note(
        const history_query& q,
        const proto::history_reply& fresh,
        util::steady_time now,
        std::int64_t now_unix
    );

private:
    struct entry {
        proto::history_reply reply;
        util::steady_time filled;
    };
    using key = std::pair<std::string, std::string>; // server, range
    void append(proto::history_reply& to, const proto::history_reply& fresh, std::int64_t from);
    void sweep(util::steady_time now);

    std::map<key, entry> entries_;
    util::steady_time swept_{};
};

} // namespace vsim::server
