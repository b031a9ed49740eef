#pragma once
// Foreign text in messages of ours. Reentrant.

#include <string>
#include <string_view>

namespace vsim::util {

// One line without control characters, at most about 200 bytes and not cut inside a UTF-8
// character, and without `secret` (may be empty), should the sender echo it.
std::string one_line(std::string_view foreign, std::string_view secret);

} // namespace vsim::util
