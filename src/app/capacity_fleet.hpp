#pragma once
// The agents of a search: registered once for its largest fleet, of which each step takes the first
// so many. With --embedded there is none: every step has a server and a fleet of its own, so that
// no step finds what an earlier one has left. From the main thread.

#include "agent/identity.hpp"
#include "app/config.hpp"
#include "app/credentials.hpp"
#include "app/exit_code.hpp"
#include "app/run.hpp"
#include "net/http.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vsim::app {

class capacity_fleet {
public:
    explicit capacity_fleet(const capacity_config& c) : c_{c} {}

    // Reads what --fleet names; the largest fleet when --to was not given.
    util::result<std::optional<std::uint32_t>> read_file();
    // Everything that can be wrong before a connection is made: TLS options, credentials.
    util::result<void> prepare();
    // Has said on stderr why, when that is not ok. `is_resumed`: earlier servers are used again.
    exit_code enrol(bool is_resumed);
    // What a step of so many agents needs.
    run_parts parts_for(std::uint32_t agents) const;
    // Deletes or names what this search has registered.
    exit_code wind_up();
    // For a second signal.
    void say_what_stays() const;

private:
    const capacity_config& c_;
    net::endpoint server_;
    std::optional<credentials> who_;
    std::vector<agent::identity> agents_;
    std::vector<std::string> created_; // ids
};

} // namespace vsim::app
