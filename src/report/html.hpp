#pragma once
// A run as one HTML page that needs nothing else: verdict, charts, tables, and the data and the
// program that draw the charts. Opens without a network and loads nothing. Reentrant.

#include "report/run_result.hpp"

#include <string>

namespace vsim::report {

std::string to_html(const run_result& r);

} // namespace vsim::report
