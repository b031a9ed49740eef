#pragma once
// The entries of a run's agents on the server: earlier ones deleted, its own made and, if wanted,
// taken away at the end. Thread-bound, but for what says otherwise.

#include "agent/identity.hpp"
#include "app/admin_job.hpp"
#include "app/config.hpp"
#include "fleet/admin.hpp"
#include "net/task.hpp"
#include "net/ticker.hpp"
#include "report/run_result.hpp"
#include "stats/recorder.hpp"
#include "util/clock.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace vsim::app {

class run_servers {
public:
    // All of it outlives this. `url` is the server's.
    struct parts {
        const run_config& config;
        stats::recorder& counts;
        run_monitor& monitor;
        report::run_result& result; // findings, stopped_by, fleet.registered
        net::ticker& pace;          // its stop is the soft stop
        net::ticker& after;
    };
    explicit run_servers(const parts& p) : p_{p} {}

    void use(fleet::admin& a, std::string url);

    // Deletes what earlier runs left, unless it is to be kept, and registers the fleet. Nothing:
    // there is nobody to go on with, and the result says why.
    net::task<std::optional<std::vector<agent::identity>>> enrol();
    // An agent's version changes the server's configuration, too.
    void note_change(util::steady_time now) { changed_at_ = now; }
    // Deletes or names what this run has made. Goes on after a soft stop: it is what was asked for.
    net::task<> wind_up(bool is_signalled);

    // Servers of this run may be on somebody else's server. Thread-safe.
    bool may_have_created() const { return may_have_created_; }
    // What a person can do about them. Thread-safe after use().
    std::string how_to_delete() const;

private:
    net::task<bool> delete_earlier();
    net::task<> delete_created(bool is_signalled);
    void say_what_stays(bool is_signalled) const;
    admin_job job() const;
    void blame(exit_code code, std::string text);

    parts p_;
    fleet::admin* admin_ = nullptr;
    std::string url_;
    std::vector<std::string> created_; // ids
    util::steady_time changed_at_;     // when we last changed the server's configuration
    std::atomic<bool> may_have_created_ = false;
};

} // namespace vsim::app
