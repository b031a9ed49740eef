#pragma once
// The work of `run`, from the first connection to the last: an embedded server if wanted, earlier
// servers deleted, the fleet registered, its history, its ramp, its life, its end. From the main
// thread.

#include "agent/identity.hpp"
#include "app/config.hpp"
#include "app/credentials.hpp"
#include "net/http.hpp"
#include "report/run_result.hpp"
#include "report/watched.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

class run_outputs;

struct run_parts {
    net::endpoint server;                                    // unless embedded
    std::optional<credentials> who;                          // unless embedded or with known_fleet
    std::optional<std::vector<agent::identity>> known_fleet; // absent: register
    std::unique_ptr<report::process_watch> watched;          // null: none
    run_outputs* outputs = nullptr;  // what follows the run; null: nothing does
    std::function<void()> on_stop{}; // the first signal
    // Takes the ledger's text once; empty: none is wanted.
    std::function<util::result<void>(std::string_view)> ledger;
    std::function<void()> before_exit; // what must not be left behind by a second signal
    bool holds_signals_on = false;     // there is more to come
};

// Shows progress meanwhile. Precondition: hold_signals(), complete parts. The result's exit_code is
// chosen from its findings.
report::run_result perform(const run_config& c, run_parts parts, const std::string& command_line);

} // namespace vsim::app
