#pragma once
// A sample → the text of one `metrics` message (protocol.md 2.5). Reentrant.

#include "model/sample.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace vsim::model {

// How much memory write_message() may touch: the longest names and numbers everywhere, and what a
// cursor reaches past the end.
constexpr std::size_t message_bound(std::string_view hostname) {
    constexpr std::size_t parts = 7 * max_cores + 150 * max_modules + 400 * max_disks +
                                  300 * max_interfaces + 200 * agg::max_targets + 600 * max_gpus;
    return 1'500 + parts + 6 * hostname.size(); // a control character takes six
}

// Writes the JSON text at `to` and returns its end; byte-equal to proto::encode() of to_metrics(),
// which is its oracle in tests. Precondition: message_bound() bytes at `to`. Allocates only for a
// name that needs escaping.
char* write_message(char* to, const sample& s, std::string_view hostname);

// The same, in a buffer of the thread: valid until its next call there.
std::string_view render_message(const sample& s, std::string_view hostname);

// The same, appended.
void append_message(std::string& out, const sample& s, std::string_view hostname);

} // namespace vsim::model
