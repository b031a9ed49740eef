#pragma once
// A sample → the text of one `metrics` message (protocol.md 2.5). Reentrant.

#include "model/sample.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace vsim::model {

// How much memory write_message() may touch: the longest names and numbers everywhere, and what a
// cursor reaches past the end.
std::size_t message_bound(const sample& s, std::string_view hostname);

// How many idle interfaces make a message of any machine that has them, whatever else it holds, at
// least that long. Depends on nothing else, so that a machine has the same ones in every sample.
std::uint32_t idle_interfaces(std::uint32_t payload_bytes);

// Writes the JSON text at `to` and returns its end; byte-equal to proto::encode() of to_metrics(),
// which is its oracle in tests. Precondition: message_bound() bytes at `to`. Allocates only for a
// name that needs escaping.
char* write_message(char* to, const sample& s, std::string_view hostname);

// The same, in a buffer of the thread: valid until its next call there.
std::string_view render_message(const sample& s, std::string_view hostname);

// The same, appended.
void append_message(std::string& out, const sample& s, std::string_view hostname);

} // namespace vsim::model
