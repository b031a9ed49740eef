#pragma once
// The option tables of the commands. Reentrant.

#include "app/config.hpp"
#include "app/option.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

// What steers parsing itself and does not reach a configuration.
struct switches {
    bool help = false;
    bool version = false;
    bool print_config = false;
    bool help_thresholds = false;
    std::string config_file;
    bool cleanup = false; // run --cleanup: the cleanup command
    bool yes = false;     // only with `cleanup`
};

// Bound to `config` and `s`, which outlive the table.
option_list options_of(run_config& config, switches& s);
option_list options_of(capacity_config& config, switches& s);
option_list options_of(serve_config& config, switches& s);
option_list options_of(register_config& config, switches& s);
option_list options_of(cleanup_config& config, switches& s);

// Options that cannot both be given. Where they come from different places (flag, environment,
// file) the stronger place wins; from the same place it is an error.
struct contradiction {
    std::string_view one;
    std::string_view other;
};
const std::vector<contradiction>& contradictions();

} // namespace vsim::app
