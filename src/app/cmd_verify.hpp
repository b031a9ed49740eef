#pragma once
// The command `verify LEDGER`: what it may be told, and its work.

#include "app/config.hpp"
#include "app/exit_code.hpp"
#include "app/options.hpp"

#include <string>
#include <vector>

namespace vsim::app {

struct verify_config {
    access_config access;     // of it the server and its TLS; by default the run's server
    bool has_server = false;  // it was given
    std::string db;           // "" = over REST
    std::string ledger;       // never empty
    std::uint32_t agents = 0; // 0 = all
    unsigned threads = 0;
    std::vector<output_config> outputs;
    console_config console;
};

option_list options_of(verify_config& c, switches& s);

// The first argument that is neither an option nor the value of one is the ledger.
std::vector<std::string>
with_ledger_named(std::vector<std::string> args, const option_list& options);

exit_code execute(const verify_config& c, const std::string& command_line);

} // namespace vsim::app
