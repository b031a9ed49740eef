#pragma once
// The steps of a search in a file, written whole after each of them, so that a search that was
// stopped goes on where it was. It holds no secret. Reentrant.

#include "report/capacity.hpp"
#include "util/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vsim::app {

struct capacity_state {
    std::string arguments; // every setting as TOML
    std::vector<report::capacity_step> steps;
};

std::string state_text(const capacity_state& state);
// bad_input: it is no such text, or of another version.
util::result<capacity_state> parse_state(const std::string& text);

// Absent: there is no such file, or it is empty. Errors name --state and the file.
util::result<std::optional<capacity_state>> load_state(const std::string& path);
util::result<void> save_state(const std::string& path, const capacity_state& state);

// bad_input names the first setting in which they differ. Settings about output do not count.
util::result<void> check_same_arguments(const std::string& saved, const std::string& now);

} // namespace vsim::app
