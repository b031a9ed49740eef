#pragma once
// The part of TOML a flat list of settings needs: key = value with strings, numbers, booleans and
// one-line arrays of them, and comments. Tables, dates and multi-line values are refused, never
// skipped. Reentrant.

#include "util/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vsim::app {

struct toml_entry {
    std::string key;
    unsigned line = 0;
    bool is_array = false;
    std::vector<std::string> values; // exactly one unless an array; text without quotes
};

// Errors name the line ("line 3: ...").
util::result<std::vector<toml_entry>> parse_flat_toml(std::string_view text);

} // namespace vsim::app
