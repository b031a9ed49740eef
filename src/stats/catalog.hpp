#pragma once
// Every counter and latency of a run, named once. Names are those of the JSON summary (interface.md
// 4).

#include <array>
#include <cstddef>
#include <string_view>

namespace vsim::stats {

enum class counter : std::size_t {
    servers_registered,
    servers_deleted,
    agents_connected, // sessions that reached auth ok
    agents_disconnected,
    reconnects,
    agents_churned, // connections that the script cut: --churn
    agents_cut,     // and --outage
    double_logins,
    metrics_sent,
    metrics_bytes,  // payload
    metrics_missed, // due, but skipped because the agent was not connected or too late
    metrics_late,   // of those: skipped by a connected agent that nothing held up but ourselves
    aggregated_sent,
    aggregated_bytes,
    aggregated_buckets,
    history_sent,
    history_bytes,
    history_buckets, // metrics rows
    history_agents_done,
    history_agents_failed,
    batch_sent,
    batch_bytes,
    batch_accepted, // items, as the server says
    batch_rejected,
    messages_received,
    messages_unknown,
    configs_received,
    commands_received,
    fences_sent,     // pings right behind a sample
    fences_answered, // their pongs
    viewers_connected,
    viewers_disconnected,
    viewer_messages,
    viewer_bytes,
    samples_seen,      // by viewers, each viewer for itself
    samples_unmatched, // values in a delta that no recent sample has
    false_offline,     // flips to offline of an agent that was reporting
    history_reads,     // answered
    history_read_bytes,
    count_
};
inline constexpr std::size_t counter_count = static_cast<std::size_t>(counter::count_);

enum class latency : std::size_t {
    register_,         // one REST call
    connect,           // TCP, TLS and upgrade
    auth,              // auth message to its reply
    fence,             // scheduled time of a sample to the pong of the ping behind it
    fence_uncorrected, // the same from the time the agent set about sending both
    batch_ack,         // batch_metrics message to its batch_ack
    freshness,         // scheduled time of a sample to the delta that shows it to a viewer
    freshness_excess,  // the same without the wait for the server's next tick, which is its floor
    history_read,      // one GET of a history by a reader
    send_lag,          // taken by the kernel minus scheduled
    own_lag,           // of it our own: the agent's turn minus scheduled, of samples that were due
                       // while the server held nothing up; of late ones, too
    count_
};
inline constexpr std::size_t latency_count = static_cast<std::size_t>(latency::count_);

std::string_view name(counter c); // "metrics.sent"
std::string_view name(latency l); // "send_lag"

} // namespace vsim::stats
