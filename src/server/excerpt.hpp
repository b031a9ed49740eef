#pragma once
// A piece of a message that may be shown in a log: short, printable, without tokens. Reentrant.

#include <string>
#include <string_view>

namespace vsim::server {

// At most about `most` characters of `json`, from the field whose path ends in `path`'s last name
// ("network.total_rx"), or from the start. The values of "token", and any text as long as one,
// are taken out. `json` need not be JSON.
std::string excerpt(std::string_view json, std::string_view path, std::size_t most = 80);

} // namespace vsim::server
