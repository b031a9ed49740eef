#pragma once
// Foreign text in messages of ours, and how near it is to what we know. Reentrant.

#include <cstddef>
#include <string>
#include <string_view>

namespace vsim::util {

// One line without control characters, at most about 200 bytes and not cut inside a UTF-8
// character, and without `secret` (may be empty), should the sender echo it.
std::string one_line(std::string_view foreign, std::string_view secret);

// Letters to change, add or drop to make one of the other (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

} // namespace vsim::util
