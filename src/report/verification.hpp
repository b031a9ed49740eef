#pragma once
// What verification found, for people and for programs. Reentrant.

#include "report/json_writer.hpp"
#include "report/run_result.hpp"
#include "report/units.hpp"

#include <string>

namespace vsim::report {

// The section of the console, without its heading: at most `width` columns a line.
std::string verification_text(const verification& v, const palette& ink, std::size_t width);
// "verify": {...}.
void write_verification(json_writer& j, const verification& v);

// The whole answer of the verify command.
std::string render_proof(const run_result& r, bool color);

} // namespace vsim::report
