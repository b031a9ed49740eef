#pragma once
// Random identities and secrets from the kernel, and comparing them without telling how much was
// right. Thread-safe.

#include <string>
#include <string_view>

namespace vsim::server {

std::string random_uuid();     // version 4
std::string random_token();    // 256 bits, hexadecimal
std::string random_password(); // 16 letters and digits that are not mistaken
// The time taken depends on the length of `given` only.
bool same_secret(std::string_view given, std::string_view right);

} // namespace vsim::server
