#pragma once
// What a run sent, so compactly that it can be kept: the seed and the schedule instead of payloads,
// and what deviated from them. As a value, and as text: one JSON document a line, first the run,
// then every agent. Holds no secret. A plain value, which what is made from it borrows; reentrant.

#include "agent/agent.hpp"
#include "agent/mix.hpp"
#include "model/incident.hpp"
#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::verify {

inline constexpr int ledger_format = 1;

struct run_facts {
    std::string tool;   // version
    std::string server; // URL without secrets
    std::string mode;   // "both", "history", "realtime"
    std::uint64_t seed = 1;
    util::milliseconds interval{0}, agg_interval{0};
    bool has_batches = false; // --backlog batch
    util::wall_time started{}, ended{};
    std::vector<std::string> events; // what was played, in words
    bool operator==(const run_facts&) const = default;
};

struct ledger_entry {
    std::uint32_t index = 0; // of the machine
    std::string id, name;    // on the server
    std::size_t group = 0;   // of ledger::groups
    agent::past lived;
    util::wall_time until{};
    model::first_buckets first{};
    std::optional<util::wall_time> reports_after{};
    agent::deviations not_sent;
    bool has_aggregates = true, has_past = false, is_complete = false;
};

struct ledger {
    run_facts run;
    std::vector<agent::group> groups;
    std::unique_ptr<const model::incident_plan> incidents; // null: none
    std::vector<ledger_entry> agents;

    util::milliseconds interval_of(const ledger_entry& e) const {
        return groups[e.group].interval.value_or(run.interval);
    }
    agent::subject subject_of(const ledger_entry& e) const;
};

ledger_entry entry_of(const agent::agent& a, std::size_t group);

std::string to_text(const ledger& l);
// Every field is checked; the one message of an error (bad_input) names the line and the field.
util::result<ledger> parse_ledger(std::string_view text);
util::result<ledger> read_ledger(const std::string& path);

} // namespace vsim::verify
