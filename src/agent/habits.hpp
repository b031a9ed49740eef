#pragma once
// Choices between two ways in which all agents of a run behave. Plain values.

namespace vsim::agent {

// What the agents do once an outage is over.
enum class reconnect {
    spread, // each in its own time: the delays have jitter
    storm,  // all at once, and back-off without jitter, as the real agent (protocol.md 5.2)
};

// What an aggregate sync sends.
enum class sync_scope {
    window, // the buckets touched since the last one
    full,   // the whole retained store each time, as the real agent (protocol.md 5.4)
};

// What an agent that comes back sends for the time it was away.
enum class backlog {
    aggregates, // buckets, as the real agent
    batch,      // and the samples themselves, as batch_metrics (protocol.md 2.8)
};

} // namespace vsim::agent
