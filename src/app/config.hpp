#pragma once
// What the user asked for, one struct a command: complete, in range and free of contradictions once
// parse_command_line (cli.hpp) has returned it. Plain values.

#include "agent/habits.hpp"
#include "agent/hardship.hpp"
#include "agent/mix.hpp"
#include "agent/script.hpp"
#include "app/secret.hpp"
#include "report/threshold.hpp"
#include "server/fault.hpp"
#include "util/address_ranges.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vsim::app {

enum class run_mode { both, history, realtime };
enum class log_format { text, json };

std::string_view name(run_mode m);

// How much is said, and how. Results go to stdout, everything else to stderr.
struct console_config {
    bool quiet = false;
    unsigned verbosity = 0; // -v: debug, -vv: trace
    bool no_color = false;  // NO_COLOR and "not a terminal" are judged where output happens
    log_format format = log_format::text;
};

// The server and how to be let in. At most one of the four ways is set; with none the token is
// asked for (credentials.hpp).
struct access_config {
    util::url server{.tls = false, .host = "localhost", .port = 3001, .path = ""};
    secret token; // "-": read it from standard input
    std::string token_file;
    secret password;
    std::string password_file;
    bool insecure = false; // do not verify the certificate
    std::string ca_file;   // "" = the system's
};

// One --out KIND=PATH.
struct output_config {
    enum class kind { json, csv, ndjson, hdr, html };
    kind what = kind::json;
    std::string path; // "-" = stdout

    bool operator==(const output_config&) const = default;
};

// Every --fleet-mix together (app/fleet_mix.hpp makes the mix of it).
struct fleet_mix_config {
    std::vector<agent::group> groups; // shares at most 1 in sum
    bool rest_is_real = false;        // what they leave is the preset, not plain
};

// --churn: one of the two.
struct churn_config {
    std::uint32_t agents = 0; // of the whole fleet, a minute
    double share = 0;         // of the fleet, a minute

    bool is_any() const { return agents > 0 || share > 0; }
    // Drops a minute and agent, as agent::hardship_plan wants it; `fleet` is more than 0.
    double of_each(std::uint32_t fleet) const {
        return share > 0 ? share : static_cast<double>(agents) / fleet;
    }
};

struct run_config {
    access_config access;
    bool embedded = false;   // the reference server in this process; `access` is not used
    std::string embedded_db; // "" = a temporary file; only with `embedded`

    std::uint32_t count = 100;
    bool count_given = false; // else a fleet file decides
    run_mode mode = run_mode::both;
    util::nanoseconds hours = std::chrono::hours{2}; // length of the history
    util::milliseconds interval{3000};               // 0 = as fast as the socket takes
    util::milliseconds agg_interval{60'000};
    std::optional<util::nanoseconds> duration; // after the ramp; absent = until a signal
    std::uint32_t viewers = 0, readers = 0;    // only with a realtime phase

    fleet_mix_config fleet_mix;
    std::vector<agent::outage> outages; // all of what befalls agents: only with a realtime phase
    std::vector<agent::scripted_incident> incidents;
    churn_config churn;
    agent::reconnect reconnect = agent::reconnect::spread;
    agent::sync_scope agg_sync = agent::sync_scope::window;
    agent::backlog backlog = agent::backlog::aggregates;
    std::optional<util::wall_time> clock; // agents' clocks when the run begins; absent = now
    bool starts_anew = false;             // agents that the server knows do not go on from there

    double connect_rate = 1000;     // per second; 0 = as fast as the server takes them
    util::address_ranges source_ip; // of the agents' connections, not of REST calls; empty: any
    util::milliseconds tick{5};     // due times are rounded up to it (net/ticker.hpp)
    unsigned threads = 0;           // filled in by parsing: the cores
    unsigned io_contexts = 1;       // 1 .. threads
    std::uint64_t seed = 1;         //
    std::string prefix = "Debug-Server-";
    bool keep = false;          // earlier servers with this prefix stay
    std::string fleet_file;     // "" = register
    bool cleanup_after = false; // delete this run's servers at the end

    bool has_fences = true;          // a ping behind each sample
    util::milliseconds max_lag{100}; // p99 that an honest run may have (report/honesty.hpp)

    std::optional<std::uint32_t> watch_pid; // the server's process, on this machine
    std::vector<output_config> outputs;     // no two with the same path
    std::string prometheus;                 // address of /metrics: "127.0.0.1:9100"; "" = none
    std::vector<report::threshold> thresholds;
    std::optional<std::uint32_t> verify; // compare that many agents with what is stored; 0: all
    std::string ledger_file;             // "" = none
    bool dry_run = false;
    console_config console;
};

// The search for the largest fleet that meets the thresholds of `run`, in steps that are runs.
struct capacity_config {
    run_config run; // realtime, for the length of a step; `count` is the largest fleet
    std::uint32_t from = 100, to = 10'000;
    util::nanoseconds step_duration = std::chrono::seconds{60}; // after the ramp
    double resolution = 0.05;                                   // of the answer
    util::nanoseconds settle = std::chrono::seconds{5}; // rest of the server between two steps
    std::string state_file;                             // "" = cannot be resumed
    std::string arguments; // every setting as TOML: what a resumed search has to share
};

struct serve_config {
    std::string host = "127.0.0.1"; // without the brackets of an IPv6 literal
    std::uint16_t port = 3001;      // 0 = pick one
    std::string db;                 // "" = a temporary file
    secret token;                   // empty = make up a password
    std::string password_file;
    std::string cert_file, key_file; // both or none: TLS
    std::string web;                 // folder of the dashboard; "" = none
    bool quirks = false;             // history as vStats limits and caches it
    bool strict = false;             // say what a real server would hide, and fail if there was any
    server::fault_plan faults;
    console_config console;
};

struct register_config {
    access_config access;
    std::uint32_t count = 100;
    std::uint64_t seed = 1;
    std::string prefix = "Debug-Server-";
    bool keep = false;
    std::string fleet_file; // never empty
    console_config console;
};

struct cleanup_config {
    access_config access;
    std::string prefix = "Debug-Server-"; // never empty: it decides what is deleted
    bool yes = false;
    console_config console;
};

} // namespace vsim::app
