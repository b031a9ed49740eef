#pragma once
// Which program this is. Reentrant.

#include <string>
#include <string_view>

namespace vsim::app {

std::string_view version();    // "0.1.0"
std::string_view build_kind(); // meson's buildtype: "release", "debug"
std::string version_text();    // "vstats-sim 0.1.0 (release)\n"

} // namespace vsim::app
