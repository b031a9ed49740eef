#pragma once
// Internal to html.cpp: the parts of the page. Everything they take from a run is escaped.
// Reentrant.

#include "report/run_result.hpp"

#include <string>
#include <string_view>

namespace vsim::report {

std::string escaped(std::string_view text); // for elements and attributes

std::string html_title(const run_result& r);  // text
std::string html_head(const run_result& r);   // verdict, key figures, findings, thresholds
std::string html_tables(const run_result& r); // latencies, verification, errors, machine ...
std::string html_data(const run_result& r);   // JSON that may stand inside a <script>

} // namespace vsim::report
