#pragma once
// The proof of a run: its ledger, and the comparison of what the server stored with it. From the
// end of the last agent to the report. Thread-bound.

#include "agent/mix.hpp"
#include "agent/script.hpp"
#include "app/config.hpp"
#include "app/embedded.hpp"
#include "app/run_monitor.hpp"
#include "fleet/fleet.hpp"
#include "net/http.hpp"
#include "net/pool.hpp"
#include "net/ticker.hpp"
#include "report/output_file.hpp"
#include "report/run_result.hpp"
#include "verify/check.hpp"
#include "verify/ledger.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace vsim::app {

// What a run sent, once its agents have ended. `l` borrows nothing of it.
verify::ledger ledger_of(
    const run_config& c,
    const report::run_result& so_far,
    const fleet::fleet& agents,
    const agent::mix& kinds,
    const agent::script* played
);

// Where stored rows are read: the server's database if there is a path to it, else over REST.
struct proof_source {
    std::string database; // "" = none
    net::endpoint server;
    std::string text() const;
};

// Reads and compares, as the phase "verify" of `m`. `rest` as in verify::check_options. The error
// is that of the first agent if nothing could be read at all.
net::task_result<report::verification> prove(
    const verify::ledger& l,
    proof_source from,
    std::uint32_t how_many,
    unsigned threads,
    net::pool& pool,
    run_monitor& m,
    std::function<net::task<>()> rest
);

// What a run has when its agents have ended. All of it outlives the work.
struct run_account {
    const run_config& config;
    const net::endpoint& server; // of an embedded one, too
    const std::function<util::result<void>(std::string_view)>& write_ledger; // may be empty
    const fleet::fleet& agents;
    const agent::mix& kinds;
    const agent::script* played; // may be null
    embedded_server& embedded;
    report::run_result& result; // findings, verified
    run_monitor& monitor;
    net::pool& pool;
    net::ticker& after;
};
// Writes the ledger and verifies, whichever is wanted.
net::task<> account_for(const run_account& a);

// What the proof says against the run, if anything.
std::optional<report::finding> finding_of(const report::verification& v);

} // namespace vsim::app
