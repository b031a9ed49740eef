#pragma once
// JSON text → messages and bodies, with the rules of protocol.md 2.2: one field of the wrong type
// or range refuses the whole message; unknown fields are ignored; null is absent; names match
// case-insensitively. After a successful decode every value is in range and nobody checks again.
// The text is copied as needed; views into it are not kept. Reentrant (a parser per thread inside).

#include "proto/agent_msg.hpp"
#include "proto/dashboard.hpp"
#include "proto/rest.hpp"
#include "proto/server_msg.hpp"
#include "util/error.hpp"

#include <string_view>

namespace vsim::proto {

util::result<agent_message> decode_agent_message(std::string_view text);
util::result<server_message> decode_server_message(std::string_view text);
util::result<dashboard_message> decode_dashboard_message(std::string_view text);

// A body of one of the types of rest.hpp, or a std::vector of it:
// decode<login_reply>(text), decode<std::vector<server_object>>(text).
// The error (errc::protocol) names the field and what was expected.
template <class T>
util::result<T> decode(std::string_view text);

} // namespace vsim::proto
