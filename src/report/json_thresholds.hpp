#pragma once
// Thresholds in JSON documents. Reentrant.

#include "report/json_writer.hpp"
#include "report/run_result.hpp"

#include <string_view>
#include <vector>

namespace vsim::report {

void write_thresholds(
    json_writer& j, std::string_view key, const std::vector<threshold_result>& all
);

} // namespace vsim::report
