#pragma once
// How a server is to misbehave (--fault), as a plain value: what the words mean, not how it is
// done. Reentrant.

#include "util/clock.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vsim::server {

// Begins `at` after the server was ready.
struct fault_span {
    util::nanoseconds length{0}, at{0};
    bool operator==(const fault_span&) const = default;
};

struct fault_plan {
    double drop_writes = 0;           // share of the agents' messages that are not stored, 0..1
    double close_share = 0;           // of the agents' connections, closed every second, 0..1
    double read_rate = 0;             // bytes a second of each agent's connection; 0 = no limit
    std::vector<fault_span> stalls;   // nothing is handled
    std::vector<fault_span> refusals; // new connections are refused
    std::optional<util::nanoseconds> kill; // the process ends as by SIGKILL
    std::vector<std::string> specs;        // as they were given

    bool has_schedule() const {
        return close_share > 0 || !stalls.empty() || !refusals.empty() || kill;
    }
    bool operator==(const fault_plan&) const = default;
};

// What the faults tell, and ask, whoever started the server; on any thread.
struct fault_hooks {
    std::function<void(const std::string&)> say = [](const std::string&) {};  // as it happens
    std::function<void(const std::string&)> warn = [](const std::string&) {}; // it did not work
    // Whether the server is to stop: a stall ends then.
    std::function<bool()> is_stopping = [] { return false; };
};

// "drop-writes:10%", "stall:5s@20s", "kill@30s", "close:1%/s", "refuse:30s@0s", "slow-read:64KB/s"
// (in powers of 1024, as all sizes). stall and refuse may be given several times. The message of an
// error names the value and what is accepted.
util::result<void> add_fault(fault_plan& plan, std::string_view spec);

// Whether chance takes the `n`th thing of somebody called `name`: a pure function, so that the same
// load meets the same misfortune again. `kind` is a util::stream.
bool is_hit(double share, std::uint64_t kind, std::string_view name, std::uint64_t n);

} // namespace vsim::server
