#pragma once
// A piece of buckets → the text of one aggregated_metrics message (protocol.md 2.6). Reentrant.

#include "agg/window.hpp"
#include "proto/agent_msg.hpp"

#include <span>
#include <string>

namespace vsim::agg {

// Appends the JSON text, written from the integers directly; byte-equal to
// proto::encode(to_message(...)), which is its oracle in tests. Granularities without rows are left
// out; a target has rows where it was pinged and `targets` names it.
void append_message(std::string& out, const piece& p, std::span<const target_name> targets);

proto::aggregated_message to_message(const piece& p, std::span<const target_name> targets);

} // namespace vsim::agg
