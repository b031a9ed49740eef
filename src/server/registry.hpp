#pragma once
// The configured servers: what the administrator says of each, what its agent showed last, and how
// far its stored history reaches. Thread-safe.

#include "proto/bucket.hpp"
#include "proto/rest.hpp"
#include "server/writer.hpp"
#include "util/clock.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace vsim::server {

inline constexpr std::chrono::seconds online_for{30}; // after the last message

// What dashboards were told last, in the units of a delta.
struct shown_values {
    std::uint8_t c = 0, m = 0;
    std::optional<std::uint8_t> d;
    std::uint64_t rx = 0, tx = 0;
};

// How far the stored history of a server reaches.
struct reach {
    std::array<std::int64_t, proto::granularity_count> buckets{}; // newest index; 0 = none
    std::int64_t raw_second = 0;                                  // newest sample; 0 = none
};

class server_entry {
public:
    server_entry(proto::server_object object, std::int64_t position);

    const id_ptr id;
    const std::string token;
    const std::int64_t position; // in the order of creation

    proto::server_object object() const;
    void patch(const proto::server_patch& p);
    // Forgets a group, a dimension or an option that is no more; true if that changed something.
    bool forget_group(const std::string& group_id);
    bool forget_dimension(const std::string& dimension_id);
    bool forget_option(const std::string& option_id);
    // What the agent says of itself; empty strings say nothing about the version but are an IP.
    void note_version(const std::string& version);
    void note_ip(const std::string& ip);
    // The object to save, if it changed since the last call.
    std::optional<save_server_job> take_unsaved();
    save_server_job saved_form() const;

    struct live_view {
        metrics_ptr metrics; // empty until the agent showed something
        bool online = false;
    };
    void set_live(metrics_ptr metrics, util::steady_time now);
    live_view live(util::steady_time now) const;
    // What was shown last, unless that is longer ago.
    metrics_ptr updated_within(util::seconds age, util::steady_time now) const;
    // live(), remembered as what dashboards know; and that again, or live() before the first tell.
    live_view tell(util::steady_time now);
    live_view told(util::steady_time now) const;
    // Before the first set_live, dashboards see the newest stored sample.
    void set_restored(metrics_ptr stored);
    metrics_ptr restored() const;

    // Raises, never lowers.
    void extend(proto::granularity g, std::int64_t bucket);
    void extend_raw(std::int64_t unix_seconds);
    reach stored_reach() const;
    // Not past what is stored, after something that was to be stored was lost.
    void set_reach(const reach& stored);

    // Of the dashboards' tick only.
    bool shown_online = false;
    std::optional<shown_values> shown;

private:
    live_view live_locked(util::steady_time now) const;

    mutable std::mutex mutex_;
    proto::server_object object_;
    bool unsaved_ = false;
    metrics_ptr live_, restored_;
    util::steady_time updated_{};
    live_view told_;
    std::array<std::atomic<std::int64_t>, proto::granularity_count> buckets_{};
    std::atomic<std::int64_t> raw_second_{0};
};

using entry_ptr = std::shared_ptr<server_entry>;
using entry_list = std::vector<entry_ptr>;

class registry {
public:
    // New servers, with a fresh id and token each, in this order behind the others.
    entry_list add(std::vector<proto::server_fields> servers);
    entry_ptr restore(proto::server_object object, std::int64_t position);

    entry_ptr find(const std::string& id) const; // empty if there is none
    bool remove(const std::string& id);
    // All, in order; a snapshot.
    std::shared_ptr<const entry_list> all() const;
    std::size_t size() const;

private:
    entry_ptr insert(proto::server_object object, std::int64_t position);

    mutable std::mutex mutex_;
    entry_list order_;
    std::unordered_map<std::string, entry_ptr> by_id_;
    std::int64_t next_position_ = 0;
    mutable std::shared_ptr<const entry_list> snapshot_; // empty when out of date
};

} // namespace vsim::server
