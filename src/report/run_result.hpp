#pragma once
// What happened in a run, as plain values: the one thing that the console summary, the JSON summary
// and whatever comes later are made from. Optional members are absent when nothing was measured. It
// never holds a secret. A plain value.

#include "report/capacity.hpp"
#include "report/process_usage.hpp"
#include "report/threshold_result.hpp"
#include "stats/latency_slices.hpp"
#include "stats/recorder.hpp"
#include "stats/timeline.hpp"
#include "util/clock.hpp"

#include <array>
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
    std::optional<util::wall_time> clock{}; // of the agents as the run began; absent: the true one
    util::nanoseconds duration{0};          // on the steady clock
    std::string stopped_by;                 // "duration", "signal", "history" (all sent), "error"
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

// What the server had stored of what was sent, of one granularity. Counts are rows.
struct granularity_check {
    std::string name; // "5sec", "2min" ...
    std::uint64_t expected = 0;
    std::uint64_t found = 0; // of those expected
    std::uint64_t missing = 0;
    std::uint64_t altered = 0;
    std::uint64_t foreign = 0; // nobody sent them
};

// One row that is not as it was sent, in full.
struct difference {
    std::string kind;        // "missing", "altered", "foreign", "twice"
    std::string granularity; // "5sec", or "raw": the samples of five seconds
    std::string agent;       // name
    std::string target;      // of a ping row; "" = metrics
    std::int64_t bucket = 0;
    util::wall_time at{}; // its beginning
    std::string field;    // "cpu_sum"; "" = the whole row
    double expected = 0, found = 0, tolerance = 0;
    std::string cause; // the likely one, as a sentence
};

struct verification {
    std::string source; // what was read: a URL or a file
    std::uint64_t agents = 0;
    std::vector<granularity_check> metrics, ping; // in the order of granularities
    granularity_check raw;                        // samples; its counts are 0 if not readable
    std::uint64_t twice = 0;                      // rows or raw samples that came back twice
    std::uint64_t late = 0;                       // rows that were right only when asked again
    std::uint64_t unreadable = 0;                 // agents whose rows could not be read
    std::uint64_t unjudged = 0;                   // agents that sent nothing
    std::uint64_t agents_with_loss = 0;
    std::vector<difference> examples; // the first few
    util::nanoseconds took{0};

    std::uint64_t expected() const;
    std::uint64_t found() const;
    std::uint64_t missing() const;
    std::uint64_t altered() const;
    std::uint64_t foreign() const;
};

// How far the figures may be trusted: what the generator itself was short of in the run phase. The
// rule is in report/honesty.hpp.
struct honesty {
    bool is_judged = false; // else there was no such phase, and nothing here means anything
    bool is_valid = true;
    std::vector<std::string> reasons;  // why not, a sentence each
    std::vector<std::string> warnings; // what came near
    util::nanoseconds max_lag{0};
    std::optional<util::nanoseconds> own_lag_p99{};
    std::uint64_t late = 0;              // samples that were skipped for it
    double cpu_pct = 0;                  // of one core; an embedded server's share is in it
    std::vector<double> threads_busy;    // share (0..1) of the time on a core, of each thread
    std::vector<double> threads_waiting; // ready, but without a core; empty: not known
    std::optional<double> steal_pct{};   // of the machine
    std::optional<double> machine_pct{}; // of all cores, whoever used them
};

// What viewers saw of the fleet.
struct freshness_facts {
    std::uint32_t viewers = 0;    // asked for
    std::uint32_t connected = 0;  // at once
    std::uint64_t agents = 0;     // that had to be seen
    std::uint64_t never_seen = 0; // of those, by any viewer
    std::uint64_t false_offline = 0;
    util::nanoseconds floor{0}; // the server's tick: age that is no fault of the load
};

// The process of --watch-pid, while it was watched.
struct watched_process {
    std::uint32_t pid = 0;
    std::string name;
    bool has_ended = false; // before the run did
    util::nanoseconds cpu{0};
    util::nanoseconds cpu_live{0}; // while agents lived
    std::uint64_t rss_start_bytes = 0, rss_peak_bytes = 0;
    std::uint32_t threads_peak = 0;
    std::optional<std::uint32_t> fds_peak{};                    // absent: not ours to see
    std::optional<std::uint64_t> read_bytes{}, written_bytes{}; // the same; of the disk
    std::optional<double> cpu_us_per_message{};                 // of cpu_live, by metrics message
    std::optional<std::uint64_t> rss_per_agent_bytes{};         // growth to the peak
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
    // Counters and errors of the whole run. Of send_lag, own_lag and the fences it has the run
    // phase alone, if anything was measured in it; what the ramp had is in `ramp`.
    stats::snapshot stats;
    std::array<stats::histogram, stats::latency_count> ramp;
    process_facts process;
    machine host;
    honesty trust;
    std::optional<verification> verified{};
    std::optional<freshness_facts> freshness{};
    std::optional<std::uint32_t> readers{}; // of histories, asked for
    std::optional<watched_process> server_process{};
    std::vector<threshold_result> thresholds;
    std::optional<capacity_facts> capacity{}; // of a search: this is one of its runs
    std::vector<stats::timeline_point> timeseries;
    std::vector<stats::latency_slice> slices; // empty: not wanted, or nothing measured

    bool passed() const { return exit_code == 0; }
    bool is_invalid() const { return exit_code == 98; } // and nothing worse
    std::string_view verdict() const;                   // "pass", "invalid", "fail": for programs
    std::string_view headline() const;                  // "PASS", "INVALID", "FAIL": for people
    // Sum of the named phases' times; absent if none of them took place.
    std::optional<util::nanoseconds> time_in(std::initializer_list<std::string_view> names) const;
    // CPU time from ramp to drain, aggregates included, by metrics message; absent if that was not
    // measured, none was sent, or the server's share is in it.
    std::optional<double> cpu_us_per_message() const;
    // Growth of memory by agent; absent if none connected or the server's share is in it.
    std::optional<std::uint64_t> rss_per_agent_bytes() const;
};

} // namespace vsim::report
