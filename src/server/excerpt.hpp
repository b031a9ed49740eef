#pragma once
// A piece of a message that may be shown in a log: short, printable, without tokens. Reentrant.

#include <string>
#include <string_view>

namespace vsim::server {

// At most about `most` characters of `json`, from the field whose path ends in `path`'s last name
// ("network.total_rx"), or from the start. The values of "token" are taken out, and any text or
// word of 32 characters or more. `json` need not be JSON; where it is not, or a token is no text,
// the excerpt ends at the token.
std::string excerpt(std::string_view json, std::string_view path, std::size_t most = 80);

} // namespace vsim::server
