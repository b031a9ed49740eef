#pragma once
// What is played on a fleet: hardships of its connections, incidents of its machines. Known from
// the start, but its times count from the moment the run begins, after the ramp. Thread-safe.

#include "agent/hardship.hpp"
#include "model/incident.hpp"
#include "model/targets.hpp"
#include "util/clock.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace vsim::agent {

// Times count from the beginning of the run phase, as an outage's.
struct scripted_incident {
    util::nanoseconds at{0}, length{0};
    model::incident_kind kind = model::incident_kind::cpu;
    double share = 1; // of the fleet
    bool operator==(const scripted_incident&) const = default;
};

class script {
public:
    script(std::uint64_t seed, hardships h, std::vector<scripted_incident> incidents);

    // Everybody looks more often than that whether the script has begun.
    static constexpr util::milliseconds lead{300};

    // From now on times are known. `when` lies at least the lead ahead: nothing has happened when
    // the last agent hears of it. Once.
    void begin(util::wall_time when);
    // The zero of its times, once it has begun.
    std::optional<util::wall_time> zero() const;

    const hardships& blows() const { return hardships_; }

    // Null before it begins. The same object ever after.
    const model::incident_plan* incidents() const;
    // The first blow after `t`, in wall time; none before the script begins.
    struct event {
        util::wall_time at, until;
        cut how;
        bool is_churn;
    };
    std::optional<event> next(std::uint32_t index, util::wall_time t) const;
    // The end of the outage that keeps an agent off the server at `t`.
    std::optional<util::wall_time> cut_until(std::uint32_t index, util::wall_time t) const;

private:
    struct times {
        util::wall_time zero;
        model::incident_plan plan;
    };
    const times* began() const { return began_.load(std::memory_order_acquire); }

    const std::uint64_t seed_;
    const hardships hardships_;
    const std::vector<scripted_incident> incidents_;
    std::unique_ptr<const times> times_; // written once, before began_
    std::atomic<const times*> began_ = nullptr;
};

} // namespace vsim::agent
