#pragma once
// What happened in a run, as plain values: the one thing that the console summary, the JSON summary
// and whatever comes later are made from. Optional members are absent when nothing was measured. It
// never holds a secret. A plain value.

#include "report/process_usage.hpp"
#include "stats/recorder.hpp"
#include "stats/timeline.hpp"
#include "util/clock.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::report {

struct tool_facts {
    std::string version;
    std::string build;
};

// What was asked for, and how it ended.
struct run_facts {
    std::string mode;   // "both", "history", "realtime"
    std::string server; // URL
    bool embedded = false;
    std::uint32_t count = 0;
    util::nanoseconds history{0}; // its length; 0 without history
    util::nanoseconds interval{0};
    util::nanoseconds agg_interval{0};
    std::uint64_t seed = 0;
    unsigned threads = 0;
    unsigned io_contexts = 0;
    std::string shard = "1/1";
    std::string command_line; // secrets removed
    util::wall_time started_at{};
    util::wall_time ended_at{};
    util::nanoseconds duration{0}; // on the steady clock
    std::string stopped_by;        // "duration", "signal", "history" (all sent), "error"
};

// One phase that took place, in order: "cleanup", "register", "history", "ramp", "run", "drain".
struct phase_time {
    std::string name;
    util::nanoseconds took{0};
};

struct fleet_facts {
    std::uint64_t requested = 0;
    std::uint64_t registered = 0;
    std::uint64_t connected_peak = 0;
    std::uint64_t never_connected = 0;
    std::optional<util::nanoseconds> time_to_all_connected{};
};

// Of this process; with an embedded server, its share is in it.
struct process_facts {
    util::nanoseconds cpu_user{0};
    util::nanoseconds cpu_system{0};
    std::optional<util::nanoseconds> cpu_live{}; // user and system, from ramp to drain
    std::uint64_t rss_peak_bytes = 0;
    std::uint64_t rss_start_bytes = 0; // before the fleet: the rest is the agents'
    std::optional<std::uint64_t> max_fds{};
};

// Something that the script of a run did to some agents: the truth to judge alerts by. Times as
// the agents' clocks show them.
struct scripted_event {
    std::string kind; // of an incident: "cpu", "memory" ...; of an outage: "close", "half-open" ...
    util::wall_time from{}, until{};
    std::vector<std::string> agents; // by name
};

// Why the exit code is not 0. Several may apply; the exit code of the run is chosen by the caller.
struct finding {
    int exit_code = 0;
    std::string text;
};

struct run_result {
    tool_facts tool;
    run_facts run;
    int exit_code = 0;
    std::vector<finding> findings;
    std::vector<phase_time> phases;
    fleet_facts fleet;
    std::vector<scripted_event> incidents, outages;
    stats::snapshot stats;
    process_facts process;
    machine host;
    std::vector<stats::timeline_point> timeseries;

    bool passed() const { return exit_code == 0; }
    // Sum of the named phases' times; absent if none of them took place.
    std::optional<util::nanoseconds> time_in(std::initializer_list<std::string_view> names) const;
    // CPU time from ramp to drain, aggregates included, by metrics message; absent if that was not
    // measured, none was sent, or the server's share is in it.
    std::optional<double> cpu_us_per_message() const;
    // Growth of memory by agent; absent if none connected or the server's share is in it.
    std::optional<std::uint64_t> rss_per_agent_bytes() const;
};

} // namespace vsim::report
